CREATE TABLE crm_search (
	no BIGINT IDENTITY(1, 1) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	kind NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NOT NULL,
	party_id VARBINARY(16) NULL,
	words NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_search PRIMARY KEY (no)
);
CREATE UNIQUE INDEX ix_search_record_id_kind ON crm_search (record_id, kind);
CREATE INDEX ix_search_party_id_kind ON crm_search (party_id, kind);
GO
CREATE TABLE crm_search_word (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	kind NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	word NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	no BIGINT NOT NULL,
	CONSTRAINT pk_crm_search_word PRIMARY KEY (company, kind, word, no)
);
GO
CREATE TABLE crm_search_state (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	scheme INT NOT NULL,
	phase NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	after_id VARBINARY(16) NULL,
	after_no BIGINT NOT NULL,
	indexed BIGINT NOT NULL,
	followed_at DATETIME2(3) NOT NULL,
	check_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_search_state PRIMARY KEY (company)
);
