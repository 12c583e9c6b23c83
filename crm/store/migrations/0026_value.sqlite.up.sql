CREATE TABLE crm_customer_value (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	customer TEXT NOT NULL,
	class TEXT NOT NULL,
	was_class TEXT NOT NULL,
	class_since DATE NOT NULL,
	recency INTEGER NOT NULL,
	frequency INTEGER NOT NULL,
	money INTEGER NOT NULL,
	revenue INTEGER NOT NULL,
	orders INTEGER NOT NULL,
	order_days INTEGER NOT NULL,
	gap INTEGER NOT NULL,
	first_on DATE NOT NULL,
	last_on DATE NOT NULL,
	quiet INTEGER NOT NULL,
	unrated INTEGER NOT NULL,
	tasked_on DATE,
	CONSTRAINT pk_crm_customer_value PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_customer_value_company_customer ON crm_customer_value (company, customer);
CREATE INDEX ix_customer_value_company_revenue_id ON crm_customer_value (company, revenue, id);
CREATE INDEX ix_customer_value_company_class_revenue_id ON crm_customer_value (company, class, revenue, id);

CREATE TABLE crm_value_run (
	company TEXT NOT NULL,
	counted_on DATE,
	plan_version INTEGER NOT NULL,
	lease_owner TEXT NOT NULL,
	lease_until DATETIME,
	finished_at DATETIME,
	customers INTEGER NOT NULL,
	orders INTEGER NOT NULL,
	CONSTRAINT pk_crm_value_run PRIMARY KEY (company)
) WITHOUT ROWID;

CREATE TABLE crm_suggestion (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	customer TEXT NOT NULL,
	kind TEXT NOT NULL,
	product TEXT NOT NULL,
	items TEXT NOT NULL,
	because TEXT NOT NULL,
	worth INTEGER NOT NULL,
	due_on DATE,
	state TEXT NOT NULL,
	rest_until DATE,
	opportunity_id BLOB,
	CONSTRAINT pk_crm_suggestion PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_suggestion_company_customer_kind_product ON crm_suggestion (company, customer, kind, product);
CREATE INDEX ix_suggestion_company_state_worth_id ON crm_suggestion (company, state, worth, id);
CREATE INDEX ix_suggestion_company_state_kind_worth_id ON crm_suggestion (company, state, kind, worth, id);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_customer_value', 'sqlite_autoindex_crm_customer_value_1', '1000000 1'),
	('crm_customer_value', 'ix_customer_value_company_customer', '1000000 1000000 1'),
	('crm_customer_value', 'ix_customer_value_company_revenue_id', '1000000 1000000 2 1'),
	('crm_customer_value', 'ix_customer_value_company_class_revenue_id', '1000000 1000000 300000 2 1'),
	('crm_suggestion', 'sqlite_autoindex_crm_suggestion_1', '1000000 1'),
	('crm_suggestion', 'ix_suggestion_company_customer_kind_product', '1000000 1000000 5 2 1'),
	('crm_suggestion', 'ix_suggestion_company_state_worth_id', '1000000 1000000 300000 2 1'),
	('crm_suggestion', 'ix_suggestion_company_state_kind_worth_id', '1000000 1000000 300000 100000 2 1');
