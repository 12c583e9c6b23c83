CREATE TABLE crm_line_cost (
	line_id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	known BIT NOT NULL,
	unit_cost BIGINT NOT NULL,
	noted_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_line_cost PRIMARY KEY (line_id)
);
GO
CREATE TABLE crm_sold_month (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	month DATE NOT NULL,
	part NVARCHAR(90) COLLATE Latin1_General_100_BIN2 NOT NULL,
	orders BIGINT NOT NULL,
	revenue BIGINT NOT NULL,
	costed BIGINT NOT NULL,
	margin BIGINT NOT NULL,
	counted_on DATE NOT NULL,
	CONSTRAINT pk_crm_sold_month PRIMARY KEY (company, month, part)
);
