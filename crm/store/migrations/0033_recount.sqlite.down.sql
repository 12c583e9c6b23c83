DROP INDEX ix_stage_move_figures;
CREATE INDEX ix_stage_move_company_moved_at_id ON crm_stage_move (company, moved_at, id);
DROP INDEX ix_opportunity_lead_id_company;
CREATE INDEX ix_opportunity_lead_id ON crm_opportunity (lead_id);
DROP INDEX ix_lead_arrival;
