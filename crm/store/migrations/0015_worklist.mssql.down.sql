DROP INDEX ix_lead_team_score ON crm_lead;
DROP INDEX ix_lead_team_arrival ON crm_lead;
DROP INDEX ix_lead_owner_score ON crm_lead;
DROP INDEX ix_lead_owner_arrival ON crm_lead;
CREATE INDEX ix_lead_company_owner_team_arrived_at_id ON crm_lead (company, owner_team, arrived_at, id);
CREATE INDEX ix_lead_company_owner_user_arrived_at_id ON crm_lead (company, owner_user, arrived_at, id);
