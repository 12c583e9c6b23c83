CREATE TABLE crm_host_token (
	company TEXT NOT NULL,
	kind TEXT NOT NULL,
	token TEXT NOT NULL,
	host_key TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_host_token PRIMARY KEY (company, kind, token)
);
