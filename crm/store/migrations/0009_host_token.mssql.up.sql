CREATE TABLE crm_host_token (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	kind NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
	token NVARCHAR(120) COLLATE Latin1_General_100_BIN2 NOT NULL,
	host_key NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_host_token PRIMARY KEY (company, kind, token)
);
