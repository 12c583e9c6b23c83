-- Key figures of many records are read from one index: what a figure asks of a record never costs a look at the table.
-- That of leads holds those that count, so that it is never taken for the short way through all of them.
CREATE INDEX ix_lead_arrival ON crm_lead (company, arrived_at, id, merged_into, first_response_at, converted_at, source, campaign, owner_user, owner_team) WHERE merged_into IS NULL;
DROP INDEX ix_opportunity_lead_id;
CREATE INDEX ix_opportunity_lead_id_company ON crm_opportunity (lead_id, company);
DROP INDEX ix_stage_move_company_moved_at_id;
CREATE INDEX ix_stage_move_figures ON crm_stage_move (company, moved_at, id, opportunity_id, from_stage, to_stage, seconds);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_lead', 'ix_lead_arrival', '1000000 1000000 2 1 1 1 1 1 1 1 1'),
	('crm_opportunity', 'ix_opportunity_lead_id_company', '1000000 2 2'),
	('crm_stage_move', 'sqlite_autoindex_crm_stage_move_1', '4000000 1'),
	('crm_stage_move', 'ix_stage_move_opportunity_id_moved_at', '4000000 4 1'),
	('crm_stage_move', 'ix_stage_move_figures', '4000000 4000000 2 1 1 1 1 1');
