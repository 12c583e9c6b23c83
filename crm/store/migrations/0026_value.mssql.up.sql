CREATE TABLE crm_customer_value (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	customer NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	class NVARCHAR(1) COLLATE Latin1_General_100_BIN2 NOT NULL,
	was_class NVARCHAR(1) COLLATE Latin1_General_100_BIN2 NOT NULL,
	class_since DATE NOT NULL,
	recency BIGINT NOT NULL,
	frequency BIGINT NOT NULL,
	money BIGINT NOT NULL,
	revenue BIGINT NOT NULL,
	orders BIGINT NOT NULL,
	order_days BIGINT NOT NULL,
	gap BIGINT NOT NULL,
	first_on DATE NOT NULL,
	last_on DATE NOT NULL,
	quiet BIT NOT NULL,
	unrated BIT NOT NULL,
	tasked_on DATE NULL,
	CONSTRAINT pk_crm_customer_value PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_customer_value_company_customer ON crm_customer_value (company, customer);
CREATE INDEX ix_customer_value_company_revenue_id ON crm_customer_value (company, revenue, id);
CREATE INDEX ix_customer_value_company_class_revenue_id ON crm_customer_value (company, class, revenue, id);
GO
CREATE TABLE crm_value_run (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	counted_on DATE NULL,
	plan_version BIGINT NOT NULL,
	lease_owner NVARCHAR(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
	lease_until DATETIME2(3) NULL,
	finished_at DATETIME2(3) NULL,
	customers BIGINT NOT NULL,
	orders BIGINT NOT NULL,
	CONSTRAINT pk_crm_value_run PRIMARY KEY (company)
);
GO
CREATE TABLE crm_suggestion (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	customer NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	kind NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	product NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	items NVARCHAR(MAX) NOT NULL,
	because NVARCHAR(MAX) NOT NULL,
	worth BIGINT NOT NULL,
	due_on DATE NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	rest_until DATE NULL,
	opportunity_id VARBINARY(16) NULL,
	CONSTRAINT pk_crm_suggestion PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_suggestion_company_customer_kind_product ON crm_suggestion (company, customer, kind, product);
CREATE INDEX ix_suggestion_company_state_worth_id ON crm_suggestion (company, state, worth, id);
CREATE INDEX ix_suggestion_company_state_kind_worth_id ON crm_suggestion (company, state, kind, worth, id);
