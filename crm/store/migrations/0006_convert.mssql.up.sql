CREATE TABLE crm_conversion (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	kind NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
	subject_kind NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	subject_id VARBINARY(16) NOT NULL,
	step NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	token NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	request NVARCHAR(MAX) NOT NULL,
	result NVARCHAR(MAX) NOT NULL,
	manifest NVARCHAR(MAX) NOT NULL,
	undone_at DATETIME2(3) NULL,
	undone_by NVARCHAR(64) NOT NULL,
	CONSTRAINT pk_crm_conversion PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_conversion_company_kind_subject_id_step ON crm_conversion (company, kind, subject_id, step);
CREATE UNIQUE INDEX ix_conversion_company_token ON crm_conversion (company, token);
CREATE INDEX ix_conversion_subject_id ON crm_conversion (subject_id);
CREATE INDEX ix_conversion_state_id ON crm_conversion (state, id);
GO
CREATE TABLE crm_link (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	conversion_id VARBINARY(16) NOT NULL,
	record_kind NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	host_kind NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
	host_key NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	host_number NVARCHAR(60) NOT NULL,
	total BIGINT NOT NULL,
	currency NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	host_state NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_link PRIMARY KEY (id)
);
CREATE INDEX ix_link_conversion_id ON crm_link (conversion_id);
CREATE INDEX ix_link_record_id ON crm_link (record_id);
CREATE INDEX ix_link_party_id ON crm_link (party_id);
CREATE INDEX ix_link_company_host_kind_host_key ON crm_link (company, host_kind, host_key);
GO
CREATE TABLE crm_host_call (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	conversion_id VARBINARY(16) NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	lane_id VARBINARY(16) NOT NULL,
	operation NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	attempts INT NOT NULL,
	due_at DATETIME2(3) NULL,
	lease_owner NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason_code NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason NVARCHAR(1000) NOT NULL,
	progress NVARCHAR(MAX) NOT NULL,
	finished_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_host_call PRIMARY KEY (id)
);
CREATE INDEX ix_host_call_company_state_due_at_id ON crm_host_call (company, state, due_at, id);
CREATE INDEX ix_host_call_company_lane_id_state_id ON crm_host_call (company, lane_id, state, id);
CREATE INDEX ix_host_call_company_created_at_id ON crm_host_call (company, created_at, id);
CREATE INDEX ix_host_call_conversion_id ON crm_host_call (conversion_id);
CREATE INDEX ix_host_call_party_id ON crm_host_call (party_id);
