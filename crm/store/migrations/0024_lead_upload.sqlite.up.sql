-- Files of leads between their preview and the end of their import.
CREATE TABLE crm_lead_upload (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	user_id TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	name TEXT NOT NULL,
	hash TEXT NOT NULL,
	content BLOB NOT NULL,
	CONSTRAINT pk_crm_lead_upload PRIMARY KEY (id)
);
CREATE INDEX ix_lead_upload_company_user_id ON crm_lead_upload (company, user_id);
CREATE INDEX ix_lead_upload_company_created_at ON crm_lead_upload (company, created_at);
