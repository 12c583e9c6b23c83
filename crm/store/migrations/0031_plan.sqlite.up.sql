-- What the products on lines of won opportunities cost the company: asked of the host once, so that margins of the
-- past stay when costs change. A line whose product has no cost there has known 0.
CREATE TABLE crm_line_cost (
	line_id BLOB NOT NULL,
	company TEXT NOT NULL,
	known INTEGER NOT NULL,
	unit_cost INTEGER NOT NULL,
	noted_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_line_cost PRIMARY KEY (line_id)
) WITHOUT ROWID;

-- What the host sold, by month and product group, and in all (part all); counted each day beside customers' values.
CREATE TABLE crm_sold_month (
	company TEXT NOT NULL,
	month DATE NOT NULL,
	part TEXT NOT NULL,
	orders INTEGER NOT NULL,
	revenue INTEGER NOT NULL,
	costed INTEGER NOT NULL,
	margin INTEGER NOT NULL,
	counted_on DATE NOT NULL,
	CONSTRAINT pk_crm_sold_month PRIMARY KEY (company, month, part)
) WITHOUT ROWID;
