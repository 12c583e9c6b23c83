CREATE TABLE crm_mail (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	request_key NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	purpose NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_kind NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NULL,
	party_id VARBINARY(16) NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	subject NVARCHAR(400) NOT NULL,
	recipients NVARCHAR(1000) NOT NULL,
	message NVARCHAR(MAX) NOT NULL,
	attempts INT NOT NULL,
	due_at DATETIME2(3) NULL,
	give_up_at DATETIME2(3) NULL,
	lease_owner NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason_code NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason NVARCHAR(1000) NOT NULL,
	sent_at DATETIME2(3) NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_mail PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_mail_company_request_key ON crm_mail (company, request_key);
CREATE INDEX ix_mail_company_state_due_at_id ON crm_mail (company, state, due_at, id);
CREATE INDEX ix_mail_company_state_created_at_id ON crm_mail (company, state, created_at, id);
CREATE INDEX ix_mail_company_created_at_id ON crm_mail (company, created_at, id);
CREATE INDEX ix_mail_company_record_id_created_at_id ON crm_mail (company, record_id, created_at, id);
CREATE INDEX ix_mail_party_id ON crm_mail (party_id);
GO
CREATE TABLE crm_mail_template (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	purpose NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	subject NVARCHAR(400) NOT NULL,
	body NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_mail_template PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_mail_template_company_purpose_language ON crm_mail_template (company, purpose, language);
GO
CREATE TABLE crm_quote_sending (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	quote_id VARBINARY(16) NOT NULL,
	base_id VARBINARY(16) NOT NULL,
	mail_id VARBINARY(16) NOT NULL,
	recipients NVARCHAR(MAX) NOT NULL,
	recipient_key NVARCHAR(254) COLLATE Latin1_General_100_BIN2 NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	document_hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	annexes NVARCHAR(MAX) NOT NULL,
	expires_at DATETIME2(3) NOT NULL,
	revoked_at DATETIME2(3) NULL,
	opened_at DATETIME2(3) NULL,
	last_opened_at DATETIME2(3) NULL,
	openings INT NOT NULL,
	questions INT NOT NULL,
	CONSTRAINT pk_crm_quote_sending PRIMARY KEY (id)
);
CREATE INDEX ix_quote_sending_company_quote_id_id ON crm_quote_sending (company, quote_id, id);
CREATE INDEX ix_quote_sending_company_base_id_recipient_key_id ON crm_quote_sending (company, base_id, recipient_key, id);
CREATE INDEX ix_quote_sending_company_mail_id ON crm_quote_sending (company, mail_id);
