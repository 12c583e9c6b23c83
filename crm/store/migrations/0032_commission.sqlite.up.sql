-- When an opportunity was wholly invoiced, and wholly paid, by the host's documents; gone again when they are undone.
CREATE TABLE crm_deal_reached (
	opportunity_id BLOB NOT NULL,
	what TEXT NOT NULL,
	company TEXT NOT NULL,
	reached_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_deal_reached PRIMARY KEY (opportunity_id, what)
) WITHOUT ROWID;
CREATE INDEX ix_deal_reached_company_what_reached_at ON crm_deal_reached (company, what, reached_at);
INSERT INTO crm_deal_reached (opportunity_id, what, company, reached_at) SELECT id, 'invoiced', company, updated_at FROM crm_opportunity WHERE progress IN ('invoiced', 'paid');
INSERT INTO crm_deal_reached (opportunity_id, what, company, reached_at) SELECT id, 'paid', company, updated_at FROM crm_opportunity WHERE progress = 'paid';

-- A month whose commissions are settled.
CREATE TABLE crm_commission_month (
	company TEXT NOT NULL,
	month DATE NOT NULL,
	closed_at DATETIME NOT NULL,
	closed_by TEXT NOT NULL,
	plan_version INTEGER NOT NULL,
	total INTEGER NOT NULL,
	CONSTRAINT pk_crm_commission_month PRIMARY KEY (company, month)
) WITHOUT ROWID;

-- The lines of settled statements; they never change.
CREATE TABLE crm_commission (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	month DATE NOT NULL,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	opportunity_id BLOB NOT NULL,
	line INTEGER NOT NULL,
	product_group TEXT NOT NULL,
	kind TEXT NOT NULL,
	rule_name TEXT NOT NULL,
	base_kind TEXT NOT NULL,
	base INTEGER NOT NULL,
	share INTEGER NOT NULL,
	part INTEGER NOT NULL,
	attained INTEGER NOT NULL,
	rate INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	earned_on DATE NOT NULL,
	plan_version INTEGER NOT NULL,
	booked_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_commission PRIMARY KEY (id)
);
CREATE INDEX ix_commission_company_month_owner_user_id ON crm_commission (company, month, owner_user, id);
CREATE INDEX ix_commission_opportunity_id ON crm_commission (opportunity_id);
CREATE INDEX ix_line_cost_company_noted_at ON crm_line_cost (company, noted_at);
