-- The sums of the board. On SQLite the same name is a table that triggers keep: there are no two writers who
-- would wait for each other on its rows.
CREATE VIEW crm_opportunity_total AS
SELECT company, state, pipeline_id, stage_id, currency, owner_user, owner_team, COUNT_BIG(*) AS n, SUM(expected_revenue) AS revenue, SUM(weighted) AS weighted
FROM crm_opportunity
GROUP BY company, state, pipeline_id, stage_id, currency, owner_user, owner_team;
GO
-- What a user or a team sees of lists and of a stage of the board is read from one index, in order.
CREATE INDEX ix_opportunity_company_owner_team_state_expected_close_id ON crm_opportunity (company, owner_team, state, expected_close, id);
CREATE INDEX ix_opportunity_owner_stage ON crm_opportunity (company, owner_user, stage_id, state, stage_since, id);
CREATE INDEX ix_opportunity_team_stage ON crm_opportunity (company, owner_team, stage_id, state, stage_since, id);
CREATE INDEX ix_quote_company_owner_team_created_at_id ON crm_quote (company, owner_team, created_at, id);

-- New leads that nobody has answered yet are few. These are whole indexes: with a filter in them, a host whose
-- connections have QUOTED_IDENTIFIER or ANSI_NULLS off could write no lead any more.
CREATE INDEX ix_lead_waiting_owner ON crm_lead (company, owner_user, status, first_response_at, arrived_at, id);
CREATE INDEX ix_lead_waiting_team ON crm_lead (company, owner_team, status, first_response_at, arrived_at, id);
