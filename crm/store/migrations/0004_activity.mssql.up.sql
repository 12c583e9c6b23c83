CREATE TABLE crm_activity (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	opportunity_id VARBINARY(16) NULL,
	kind NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	direction NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	subject NVARCHAR(240) NOT NULL,
	body NVARCHAR(MAX) NOT NULL,
	outcome NVARCHAR(240) NOT NULL,
	at DATETIME2(3) NOT NULL,
	due_at DATETIME2(3) NULL,
	is_open BIT NOT NULL,
	remind_at DATETIME2(3) NULL,
	reminded_at DATETIME2(3) NULL,
	done_at DATETIME2(3) NULL,
	minutes INT NOT NULL,
	delegated_by NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	accepted_at DATETIME2(3) NULL,
	decline_reason NVARCHAR(240) NOT NULL,
	follows_id VARBINARY(16) NULL,
	ref_kind NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	ref_id VARBINARY(16) NULL,
	ref_text NVARCHAR(80) NOT NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_activity PRIMARY KEY (id)
);
CREATE INDEX ix_activity_party_id_is_open_at_id ON crm_activity (party_id, is_open, at, id, kind);
CREATE INDEX ix_activity_company_opportunity_id_is_open_at_id ON crm_activity (company, opportunity_id, is_open, at, id);
CREATE INDEX ix_activity_company_owner_user_is_open_at_id ON crm_activity (company, owner_user, is_open, at, id);
CREATE INDEX ix_activity_company_delegated_by_is_open_at_id ON crm_activity (company, delegated_by, is_open, at, id);
CREATE INDEX ix_activity_company_is_open_at_id ON crm_activity (company, is_open, at, id);
CREATE INDEX ix_activity_company_at_id ON crm_activity (company, at, id);
CREATE INDEX ix_activity_company_remind_at_id ON crm_activity (company, remind_at, id);
CREATE INDEX ix_activity_ref_id ON crm_activity (ref_id);
GO
CREATE TABLE crm_attachment (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	activity_id VARBINARY(16) NOT NULL,
	name NVARCHAR(200) NOT NULL,
	mime NVARCHAR(120) COLLATE Latin1_General_100_BIN2 NOT NULL,
	size BIGINT NOT NULL,
	hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_attachment PRIMARY KEY (id)
);
CREATE INDEX ix_attachment_activity_id ON crm_attachment (activity_id);
CREATE INDEX ix_attachment_company_hash ON crm_attachment (company, hash);
