DROP INDEX ix_line_cost_company_noted_at ON crm_line_cost;
DROP TABLE crm_commission;
DROP TABLE crm_commission_month;
DROP TABLE crm_deal_reached;
