CREATE TABLE crm_api_key (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	name NVARCHAR(80) NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	user_name NVARCHAR(120) NOT NULL,
	teams NVARCHAR(400) NOT NULL,
	rights NVARCHAR(800) NOT NULL,
	see NVARCHAR(8) NOT NULL,
	hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	expires_at DATETIME2(3) NULL,
	last_used_at DATETIME2(3) NULL,
	revoked_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_api_key PRIMARY KEY (id)
);
CREATE INDEX ix_api_key_company_created_at_id ON crm_api_key (company, created_at, id);
GO
CREATE TABLE crm_api_answer (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	key_id VARBINARY(16) NOT NULL,
	token NVARCHAR(120) COLLATE Latin1_General_100_BIN2 NOT NULL,
	request_hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
	status INT NOT NULL,
	headers NVARCHAR(1000) NOT NULL,
	body NVARCHAR(MAX) NOT NULL,
	asked_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_api_answer PRIMARY KEY (company, key_id, token)
);
CREATE INDEX ix_api_answer_company_asked_at ON crm_api_answer (company, asked_at);
