CREATE TABLE crm_webhook (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	name NVARCHAR(120) NOT NULL,
	url NVARCHAR(500) NOT NULL,
	kinds NVARCHAR(2000) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason_code NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason NVARCHAR(1000) NOT NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	delivered_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_webhook PRIMARY KEY (id)
);
CREATE INDEX ix_webhook_company_id ON crm_webhook (company, id);
GO
CREATE TABLE crm_webhook_secret (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	webhook_id VARBINARY(16) NOT NULL,
	secret NVARCHAR(120) COLLATE Latin1_General_100_BIN2 NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	valid_until DATETIME2(3) NULL,
	CONSTRAINT pk_crm_webhook_secret PRIMARY KEY (id)
);
CREATE INDEX ix_webhook_secret_webhook_id ON crm_webhook_secret (webhook_id);
GO
CREATE TABLE crm_webhook_delivery (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	webhook_id VARBINARY(16) NOT NULL,
	event_id VARBINARY(16) NOT NULL,
	kind NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NOT NULL,
	record_version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	attempts INT NOT NULL,
	due_at DATETIME2(3) NULL,
	lease_owner NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	sent_at DATETIME2(3) NULL,
	status_code INT NOT NULL,
	took_ms INT NOT NULL,
	reason NVARCHAR(1000) NOT NULL,
	CONSTRAINT pk_crm_webhook_delivery PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_webhook_delivery_webhook_id_event_id ON crm_webhook_delivery (webhook_id, event_id);
CREATE INDEX ix_webhook_delivery_webhook_id_due_at_id ON crm_webhook_delivery (webhook_id, due_at, id);
CREATE INDEX ix_webhook_delivery_webhook_id_record_id_record_version ON crm_webhook_delivery (webhook_id, record_id, record_version);
CREATE INDEX ix_webhook_delivery_webhook_id_created_at_id ON crm_webhook_delivery (webhook_id, created_at, id);
CREATE INDEX ix_webhook_delivery_company_created_at_id ON crm_webhook_delivery (company, created_at, id);
CREATE INDEX ix_webhook_delivery_state_due_at_id ON crm_webhook_delivery (state, due_at, id);
GO
CREATE TABLE crm_sign_on (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	token_id NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
	expires_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_sign_on PRIMARY KEY (company, token_id)
);
CREATE INDEX ix_sign_on_company_expires_at ON crm_sign_on (company, expires_at);
