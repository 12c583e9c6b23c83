CREATE TABLE crm_mail (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	request_key TEXT NOT NULL,
	purpose TEXT NOT NULL,
	record_kind TEXT NOT NULL,
	record_id BLOB,
	party_id BLOB,
	state TEXT NOT NULL,
	subject TEXT NOT NULL,
	recipients TEXT NOT NULL,
	message TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	due_at DATETIME,
	give_up_at DATETIME,
	lease_owner TEXT NOT NULL,
	reason_code TEXT NOT NULL,
	reason TEXT NOT NULL,
	sent_at DATETIME,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_mail PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_mail_company_request_key ON crm_mail (company, request_key);
CREATE INDEX ix_mail_company_state_due_at_id ON crm_mail (company, state, due_at, id);
CREATE INDEX ix_mail_company_state_created_at_id ON crm_mail (company, state, created_at, id);
CREATE INDEX ix_mail_company_created_at_id ON crm_mail (company, created_at, id);
CREATE INDEX ix_mail_company_record_id_created_at_id ON crm_mail (company, record_id, created_at, id);
CREATE INDEX ix_mail_party_id ON crm_mail (party_id);

CREATE TABLE crm_mail_template (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	purpose TEXT NOT NULL,
	language TEXT NOT NULL,
	subject TEXT NOT NULL,
	body TEXT NOT NULL,
	CONSTRAINT pk_crm_mail_template PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_mail_template_company_purpose_language ON crm_mail_template (company, purpose, language);

CREATE TABLE crm_quote_sending (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	quote_id BLOB NOT NULL,
	base_id BLOB NOT NULL,
	mail_id BLOB NOT NULL,
	recipients TEXT NOT NULL,
	recipient_key TEXT NOT NULL,
	language TEXT NOT NULL,
	document_hash TEXT NOT NULL,
	annexes TEXT NOT NULL,
	expires_at DATETIME NOT NULL,
	revoked_at DATETIME,
	opened_at DATETIME,
	last_opened_at DATETIME,
	openings INTEGER NOT NULL,
	questions INTEGER NOT NULL,
	CONSTRAINT pk_crm_quote_sending PRIMARY KEY (id)
);
CREATE INDEX ix_quote_sending_company_quote_id_id ON crm_quote_sending (company, quote_id, id);
CREATE INDEX ix_quote_sending_company_base_id_recipient_key_id ON crm_quote_sending (company, base_id, recipient_key, id);
CREATE INDEX ix_quote_sending_company_mail_id ON crm_quote_sending (company, mail_id);
