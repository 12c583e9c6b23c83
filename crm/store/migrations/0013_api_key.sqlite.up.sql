CREATE TABLE crm_api_key (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	name TEXT NOT NULL,
	user_id TEXT NOT NULL,
	user_name TEXT NOT NULL,
	teams TEXT NOT NULL,
	rights TEXT NOT NULL,
	see TEXT NOT NULL,
	hash TEXT NOT NULL,
	expires_at DATETIME,
	last_used_at DATETIME,
	revoked_at DATETIME,
	CONSTRAINT pk_crm_api_key PRIMARY KEY (id)
);
CREATE INDEX ix_api_key_company_created_at_id ON crm_api_key (company, created_at, id);

CREATE TABLE crm_api_answer (
	company TEXT NOT NULL,
	key_id BLOB NOT NULL,
	token TEXT NOT NULL,
	request_hash TEXT NOT NULL,
	state TEXT NOT NULL,
	status INTEGER NOT NULL,
	headers TEXT NOT NULL,
	body TEXT NOT NULL,
	asked_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_api_answer PRIMARY KEY (company, key_id, token)
);
CREATE INDEX ix_api_answer_company_asked_at ON crm_api_answer (company, asked_at);
