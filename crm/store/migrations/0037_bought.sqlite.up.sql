-- What each customer of the host bought, by month: net in the company's currency and how many orders; months without
-- orders have no row. Counts are numbered: a row holds from the count in from_count until the one in until_count, which
-- no longer has it; readers go by the number that crm_bought_count says, which is raised when a count is whole.
CREATE TABLE crm_bought_month (
	company TEXT NOT NULL,
	month DATE NOT NULL,
	customer TEXT NOT NULL,
	from_count INTEGER NOT NULL,
	until_count INTEGER NOT NULL,
	net INTEGER NOT NULL,
	orders INTEGER NOT NULL,
	CONSTRAINT pk_crm_bought_month PRIMARY KEY (company, month, customer, from_count)
) WITHOUT ROWID;
CREATE INDEX ix_bought_month_company_customer_month ON crm_bought_month (company, customer, month, from_count, until_count, net, orders);

-- The count that readers see: its number, the first day from which on orders are known, in which currency it was made,
-- and the currencies that had no rate.
CREATE TABLE crm_bought_count (
	company TEXT NOT NULL,
	number INTEGER NOT NULL,
	known_from DATE NOT NULL,
	counted_on DATE NOT NULL,
	currency TEXT NOT NULL,
	missing TEXT NOT NULL,
	CONSTRAINT pk_crm_bought_count PRIMARY KEY (company)
) WITHOUT ROWID;
