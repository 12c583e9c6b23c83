CREATE TABLE crm_quote (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	contact_id VARBINARY(16) NULL,
	opportunity_id VARBINARY(16) NULL,
	base_id VARBINARY(16) NOT NULL,
	revision INT NOT NULL,
	number NVARCHAR(40) NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	title NVARCHAR(200) NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	currency NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	price_date DATE NULL,
	valid_until DATE NULL,
	issued_at DATETIME2(3) NULL,
	issued_on DATE NULL,
	decided_at DATETIME2(3) NULL,
	decided_by NVARCHAR(120) NOT NULL,
	decision_note NVARCHAR(1000) NOT NULL,
	decision_evidence NVARCHAR(MAX) NOT NULL,
	cover NVARCHAR(MAX) NOT NULL,
	closing NVARCHAR(MAX) NOT NULL,
	terms NVARCHAR(400) NOT NULL,
	delivery_terms NVARCHAR(400) NOT NULL,
	addressee NVARCHAR(MAX) NOT NULL,
	net BIGINT NOT NULL,
	vat BIGINT NOT NULL,
	gross BIGINT NOT NULL,
	optional_net BIGINT NOT NULL,
	document_hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	pdf_hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_quote PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_quote_base_id_revision ON crm_quote (base_id, revision);
CREATE INDEX ix_quote_company_created_at_id ON crm_quote (company, created_at, id);
CREATE INDEX ix_quote_company_number ON crm_quote (company, number);
CREATE INDEX ix_quote_company_state_created_at_id ON crm_quote (company, state, created_at, id);
CREATE INDEX ix_quote_company_state_valid_until_id ON crm_quote (company, state, valid_until, id);
CREATE INDEX ix_quote_company_owner_user_created_at_id ON crm_quote (company, owner_user, created_at, id);
CREATE INDEX ix_quote_party_id_created_at_id ON crm_quote (party_id, created_at, id);
CREATE INDEX ix_quote_opportunity_id_created_at_id ON crm_quote (opportunity_id, created_at, id);
GO
CREATE TABLE crm_quote_line (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	quote_id VARBINARY(16) NOT NULL,
	position INT NOT NULL,
	kind NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	alternative_group NVARCHAR(20) NOT NULL,
	product_key NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	product_group NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	code NVARCHAR(40) NOT NULL,
	name NVARCHAR(240) NOT NULL,
	description NVARCHAR(MAX) NOT NULL,
	quantity BIGINT NOT NULL,
	unit NVARCHAR(20) NOT NULL,
	list_price BIGINT NOT NULL,
	unit_price BIGINT NOT NULL,
	price_manual BIT NOT NULL,
	list_discount BIGINT NOT NULL,
	discount BIGINT NOT NULL,
	vat_code NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	vat_rate BIGINT NOT NULL,
	net BIGINT NOT NULL,
	CONSTRAINT pk_crm_quote_line PRIMARY KEY (id)
);
CREATE INDEX ix_quote_line_quote_id_position ON crm_quote_line (quote_id, position);
