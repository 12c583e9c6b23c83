ALTER TABLE crm_custom_field ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE crm_custom_field ADD COLUMN rules TEXT NOT NULL DEFAULT '{}';
ALTER TABLE crm_custom_field ADD COLUMN purged_at DATETIME;
-- What texts are found by: in small letters, cut to what an index of SQL Server holds.
ALTER TABLE crm_custom_value ADD COLUMN text_key TEXT NOT NULL DEFAULT '';
UPDATE crm_custom_value SET text_key = lower(substr(text_value, 1, 60)) WHERE text_value <> '';
CREATE INDEX ix_custom_value_field_id_text_key ON crm_custom_value (field_id, text_key);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_custom_value', 'crm_custom_value', '4000000 4 1'),
	('crm_custom_value', 'ix_custom_value_field_id_number_value', '4000000 400000 4000'),
	('crm_custom_value', 'ix_custom_value_field_id_time_value', '4000000 400000 4000'),
	('crm_custom_value', 'ix_custom_value_field_id_text_key', '4000000 400000 4000');
