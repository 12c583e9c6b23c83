-- When an opportunity was wholly invoiced, and wholly paid, by the host's documents; gone again when they are undone.
CREATE TABLE crm_deal_reached (
	opportunity_id VARBINARY(16) NOT NULL,
	what NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reached_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_deal_reached PRIMARY KEY (opportunity_id, what)
);
GO
CREATE INDEX ix_deal_reached_company_what_reached_at ON crm_deal_reached (company, what, reached_at);
GO
INSERT INTO crm_deal_reached (opportunity_id, what, company, reached_at) SELECT id, 'invoiced', company, updated_at FROM crm_opportunity WHERE progress IN ('invoiced', 'paid');
INSERT INTO crm_deal_reached (opportunity_id, what, company, reached_at) SELECT id, 'paid', company, updated_at FROM crm_opportunity WHERE progress = 'paid';
GO
-- A month whose commissions are settled.
CREATE TABLE crm_commission_month (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	month DATE NOT NULL,
	closed_at DATETIME2(3) NOT NULL,
	closed_by NVARCHAR(64) NOT NULL,
	plan_version BIGINT NOT NULL,
	total BIGINT NOT NULL,
	CONSTRAINT pk_crm_commission_month PRIMARY KEY (company, month)
);
GO
-- The lines of settled statements; they never change.
CREATE TABLE crm_commission (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	month DATE NOT NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	opportunity_id VARBINARY(16) NOT NULL,
	line BIGINT NOT NULL,
	product_group NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	kind NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	rule_name NVARCHAR(120) NOT NULL,
	base_kind NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
	base BIGINT NOT NULL,
	share BIGINT NOT NULL,
	part BIGINT NOT NULL,
	attained BIGINT NOT NULL,
	rate BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	earned_on DATE NOT NULL,
	plan_version BIGINT NOT NULL,
	booked_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_commission PRIMARY KEY (id)
);
GO
CREATE INDEX ix_commission_company_month_owner_user_id ON crm_commission (company, month, owner_user, id);
CREATE INDEX ix_commission_opportunity_id ON crm_commission (opportunity_id);
CREATE INDEX ix_line_cost_company_noted_at ON crm_line_cost (company, noted_at);
