CREATE TABLE crm_webhook (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	name TEXT NOT NULL,
	url TEXT NOT NULL,
	kinds TEXT NOT NULL,
	state TEXT NOT NULL,
	reason_code TEXT NOT NULL,
	reason TEXT NOT NULL,
	owner_user TEXT NOT NULL,
	delivered_at DATETIME,
	CONSTRAINT pk_crm_webhook PRIMARY KEY (id)
);
CREATE INDEX ix_webhook_company_id ON crm_webhook (company, id);

CREATE TABLE crm_webhook_secret (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	webhook_id BLOB NOT NULL,
	secret TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	valid_until DATETIME,
	CONSTRAINT pk_crm_webhook_secret PRIMARY KEY (id)
);
CREATE INDEX ix_webhook_secret_webhook_id ON crm_webhook_secret (webhook_id);

CREATE TABLE crm_webhook_delivery (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	webhook_id BLOB NOT NULL,
	event_id BLOB NOT NULL,
	kind TEXT NOT NULL,
	record_id BLOB NOT NULL,
	record_version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	due_at DATETIME,
	lease_owner TEXT NOT NULL,
	sent_at DATETIME,
	status_code INTEGER NOT NULL,
	took_ms INTEGER NOT NULL,
	reason TEXT NOT NULL,
	CONSTRAINT pk_crm_webhook_delivery PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_webhook_delivery_webhook_id_event_id ON crm_webhook_delivery (webhook_id, event_id);
CREATE INDEX ix_webhook_delivery_webhook_id_due_at_id ON crm_webhook_delivery (webhook_id, due_at, id);
CREATE INDEX ix_webhook_delivery_webhook_id_record_id_record_version ON crm_webhook_delivery (webhook_id, record_id, record_version);
CREATE INDEX ix_webhook_delivery_webhook_id_created_at_id ON crm_webhook_delivery (webhook_id, created_at, id);
CREATE INDEX ix_webhook_delivery_company_created_at_id ON crm_webhook_delivery (company, created_at, id);
CREATE INDEX ix_webhook_delivery_state_due_at_id ON crm_webhook_delivery (state, due_at, id);

CREATE TABLE crm_sign_on (
	company TEXT NOT NULL,
	token_id TEXT NOT NULL,
	expires_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_sign_on PRIMARY KEY (company, token_id)
) WITHOUT ROWID;
CREATE INDEX ix_sign_on_company_expires_at ON crm_sign_on (company, expires_at);
