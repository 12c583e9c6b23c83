DROP INDEX ix_custom_value_field_id_text_key ON crm_custom_value;
ALTER TABLE crm_custom_value DROP CONSTRAINT IF EXISTS df_custom_value_text_key;
ALTER TABLE crm_custom_value DROP COLUMN text_key;
ALTER TABLE crm_custom_field DROP COLUMN purged_at;
ALTER TABLE crm_custom_field DROP CONSTRAINT IF EXISTS df_custom_field_rules;
ALTER TABLE crm_custom_field DROP COLUMN rules;
ALTER TABLE crm_custom_field DROP CONSTRAINT IF EXISTS df_custom_field_position;
ALTER TABLE crm_custom_field DROP COLUMN position;
