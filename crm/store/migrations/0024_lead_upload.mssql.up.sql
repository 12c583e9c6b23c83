-- Files of leads between their preview and the end of their import.
CREATE TABLE crm_lead_upload (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	name NVARCHAR(200) NOT NULL,
	hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	content VARBINARY(MAX) NOT NULL,
	CONSTRAINT pk_crm_lead_upload PRIMARY KEY (id)
);
CREATE INDEX ix_lead_upload_company_user_id ON crm_lead_upload (company, user_id);
CREATE INDEX ix_lead_upload_company_created_at ON crm_lead_upload (company, created_at);
