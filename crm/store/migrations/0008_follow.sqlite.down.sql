DROP INDEX ix_conversion_company_created_at_id;
ALTER TABLE crm_quote DROP COLUMN progress;
ALTER TABLE crm_opportunity DROP COLUMN progress;
DROP INDEX ix_link_company_look_at_id;
ALTER TABLE crm_link DROP COLUMN look_at;
ALTER TABLE crm_link DROP COLUMN looked_at;
ALTER TABLE crm_link DROP COLUMN changes;
ALTER TABLE crm_link DROP COLUMN paid;
