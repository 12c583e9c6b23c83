DELETE FROM sqlite_stat1 WHERE tbl = 'crm_custom_value';
DROP INDEX ix_custom_value_field_id_text_key;
ALTER TABLE crm_custom_value DROP COLUMN text_key;
ALTER TABLE crm_custom_field DROP COLUMN purged_at;
ALTER TABLE crm_custom_field DROP COLUMN rules;
ALTER TABLE crm_custom_field DROP COLUMN position;
