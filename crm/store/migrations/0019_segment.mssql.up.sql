CREATE TABLE crm_segment (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	name NVARCHAR(120) NOT NULL,
	name_key VARBINARY(120) NOT NULL,
	description NVARCHAR(1000) NOT NULL,
	kind NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	condition_text NVARCHAR(4000) NOT NULL,
	excluded NVARCHAR(800) COLLATE Latin1_General_100_BIN2 NOT NULL,
	evaluated_at DATETIME2(3) NULL,
	archived_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_segment PRIMARY KEY (id)
);
CREATE INDEX ix_segment_company_name_key_id ON crm_segment (company, name_key, id);
GO
CREATE TABLE crm_segment_version (
	segment_id VARBINARY(16) NOT NULL,
	number BIGINT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	saved_at DATETIME2(3) NOT NULL,
	saved_by NVARCHAR(64) NOT NULL,
	name NVARCHAR(120) NOT NULL,
	condition_text NVARCHAR(4000) NOT NULL,
	excluded NVARCHAR(800) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_segment_version PRIMARY KEY (segment_id, number)
);
GO
CREATE TABLE crm_segment_member (
	segment_id VARBINARY(16) NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	added_at DATETIME2(3) NOT NULL,
	added_by NVARCHAR(64) NOT NULL,
	CONSTRAINT pk_crm_segment_member PRIMARY KEY (segment_id, party_id)
);
CREATE INDEX ix_segment_member_party_id ON crm_segment_member (party_id);
