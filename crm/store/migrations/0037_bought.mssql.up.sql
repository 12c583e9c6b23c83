CREATE TABLE crm_bought_month (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	month DATE NOT NULL,
	customer NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	from_count BIGINT NOT NULL,
	until_count BIGINT NOT NULL,
	net BIGINT NOT NULL,
	orders BIGINT NOT NULL,
	CONSTRAINT pk_crm_bought_month PRIMARY KEY (company, month, customer, from_count)
);
GO
CREATE INDEX ix_bought_month_company_customer_month ON crm_bought_month (company, customer, month, from_count) INCLUDE (until_count, net, orders);
GO
CREATE TABLE crm_bought_count (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	number BIGINT NOT NULL,
	known_from DATE NOT NULL,
	counted_on DATE NOT NULL,
	currency NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	missing NVARCHAR(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_bought_count PRIMARY KEY (company)
);
