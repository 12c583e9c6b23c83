CREATE TABLE crm_quote (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	party_id BLOB NOT NULL,
	contact_id BLOB,
	opportunity_id BLOB,
	base_id BLOB NOT NULL,
	revision INTEGER NOT NULL,
	number TEXT NOT NULL,
	state TEXT NOT NULL,
	title TEXT NOT NULL,
	language TEXT NOT NULL,
	currency TEXT NOT NULL,
	price_date DATE,
	valid_until DATE,
	issued_at DATETIME,
	issued_on DATE,
	decided_at DATETIME,
	decided_by TEXT NOT NULL,
	decision_note TEXT NOT NULL,
	decision_evidence TEXT NOT NULL,
	cover TEXT NOT NULL,
	closing TEXT NOT NULL,
	terms TEXT NOT NULL,
	delivery_terms TEXT NOT NULL,
	addressee TEXT NOT NULL,
	net INTEGER NOT NULL,
	vat INTEGER NOT NULL,
	gross INTEGER NOT NULL,
	optional_net INTEGER NOT NULL,
	document_hash TEXT NOT NULL,
	pdf_hash TEXT NOT NULL,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
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

CREATE TABLE crm_quote_line (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	quote_id BLOB NOT NULL,
	position INTEGER NOT NULL,
	kind TEXT NOT NULL,
	alternative_group TEXT NOT NULL,
	product_key TEXT NOT NULL,
	product_group TEXT NOT NULL,
	code TEXT NOT NULL,
	name TEXT NOT NULL,
	description TEXT NOT NULL,
	quantity INTEGER NOT NULL,
	unit TEXT NOT NULL,
	list_price INTEGER NOT NULL,
	unit_price INTEGER NOT NULL,
	price_manual INTEGER NOT NULL,
	list_discount INTEGER NOT NULL,
	discount INTEGER NOT NULL,
	vat_code TEXT NOT NULL,
	vat_rate INTEGER NOT NULL,
	net INTEGER NOT NULL,
	CONSTRAINT pk_crm_quote_line PRIMARY KEY (id)
);
CREATE INDEX ix_quote_line_quote_id_position ON crm_quote_line (quote_id, position);
