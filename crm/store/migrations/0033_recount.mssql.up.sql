-- Key figures of many records are read from one index: what a figure asks of a record never costs a look at the table.
DROP INDEX ix_lead_company_arrived_at_id ON crm_lead;
CREATE INDEX ix_lead_arrival ON crm_lead (company, arrived_at, id, merged_into, first_response_at, converted_at, source, campaign, owner_user, owner_team);
DROP INDEX ix_opportunity_lead_id ON crm_opportunity;
CREATE INDEX ix_opportunity_lead_id_company ON crm_opportunity (lead_id, company);
DROP INDEX ix_stage_move_company_moved_at_id ON crm_stage_move;
CREATE INDEX ix_stage_move_figures ON crm_stage_move (company, moved_at, id, opportunity_id, from_stage, to_stage, seconds);
