DROP INDEX ix_lead_waiting_team ON crm_lead;
DROP INDEX ix_lead_waiting_owner ON crm_lead;
DROP INDEX ix_quote_company_owner_team_created_at_id ON crm_quote;
DROP INDEX ix_opportunity_team_stage ON crm_opportunity;
DROP INDEX ix_opportunity_owner_stage ON crm_opportunity;
DROP INDEX ix_opportunity_company_owner_team_state_expected_close_id ON crm_opportunity;
DROP VIEW crm_opportunity_total;
