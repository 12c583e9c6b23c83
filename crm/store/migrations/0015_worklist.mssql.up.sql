-- The lists of a user or a team, filtered by status and source and sorted by arrival or score, are read from
-- one index: what a filter leaves out never costs a look at the table.
DROP INDEX ix_lead_company_owner_user_arrived_at_id ON crm_lead;
DROP INDEX ix_lead_company_owner_team_arrived_at_id ON crm_lead;
CREATE INDEX ix_lead_owner_arrival ON crm_lead (company, owner_user, arrived_at, id) INCLUDE (status, source);
CREATE INDEX ix_lead_owner_score ON crm_lead (company, owner_user, score, id) INCLUDE (status, source);
CREATE INDEX ix_lead_team_arrival ON crm_lead (company, owner_team, arrived_at, id) INCLUDE (status, source);
CREATE INDEX ix_lead_team_score ON crm_lead (company, owner_team, score, id) INCLUDE (status, source);
