ALTER TABLE crm_custom_field ADD position BIGINT NOT NULL CONSTRAINT df_custom_field_position DEFAULT 0;
GO
ALTER TABLE crm_custom_field ADD rules NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_custom_field_rules DEFAULT N'{}';
GO
ALTER TABLE crm_custom_field ADD purged_at DATETIME2(3) NULL;
GO
-- What texts are found by: in small letters, cut to what an index of SQL Server holds.
ALTER TABLE crm_custom_value ADD text_key NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_custom_value_text_key DEFAULT N'';
GO
UPDATE crm_custom_value SET text_key = LOWER(SUBSTRING(text_value, 1, 60)) WHERE text_value <> N'';
GO
CREATE INDEX ix_custom_value_field_id_text_key ON crm_custom_value (field_id, text_key);
