-- The lists of a user or a team, filtered by status and source and sorted by arrival or score, are read from
-- one index: what a filter leaves out never costs a look at the table.
DROP INDEX ix_lead_company_owner_user_arrived_at_id;
DROP INDEX ix_lead_company_owner_team_arrived_at_id;
CREATE INDEX ix_lead_owner_arrival ON crm_lead (company, owner_user, arrived_at, id, status, source);
CREATE INDEX ix_lead_owner_score ON crm_lead (company, owner_user, score, id, status, source);
CREATE INDEX ix_lead_team_arrival ON crm_lead (company, owner_team, arrived_at, id, status, source);
CREATE INDEX ix_lead_team_score ON crm_lead (company, owner_team, score, id, status, source);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_lead', 'ix_lead_owner_arrival', '1000000 1000000 20000 2 1 1 1'),
	('crm_lead', 'ix_lead_owner_score', '1000000 1000000 20000 500 1 1 1'),
	('crm_lead', 'ix_lead_team_arrival', '1000000 1000000 50000 2 1 1 1'),
	('crm_lead', 'ix_lead_team_score', '1000000 1000000 50000 2000 1 1 1'),
	('crm_opportunity', 'sqlite_autoindex_crm_opportunity_1', '1000000 1'),
	('crm_opportunity', 'ix_opportunity_totals', '1000000 1000000 400000 200000 40000 40000 10 10 5 5 1'),
	('crm_opportunity', 'ix_opportunity_company_pipeline_id_stage_id_state_stage_since_id', '1000000 1000000 500000 60000 40000 2 1'),
	('crm_opportunity', 'ix_opportunity_company_state_expected_close_id', '1000000 1000000 400000 2000 1'),
	('crm_opportunity', 'ix_opportunity_company_state_expected_revenue_id', '1000000 1000000 400000 10 1'),
	('crm_opportunity', 'ix_opportunity_company_owner_user_state_id', '1000000 1000000 20000 8000 1'),
	('crm_opportunity', 'ix_opportunity_company_owner_user_state_expected_close_id', '1000000 1000000 20000 8000 40 1'),
	('crm_opportunity', 'ix_opportunity_company_created_at_id', '1000000 1000000 2 1'),
	('crm_opportunity', 'ix_opportunity_company_closed_at_id', '1000000 1000000 400 1'),
	('crm_opportunity', 'ix_opportunity_party_id', '1000000 3'),
	('crm_opportunity', 'ix_opportunity_lead_id', '1000000 2');
