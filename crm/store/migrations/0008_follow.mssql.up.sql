ALTER TABLE crm_link ADD paid BIGINT NOT NULL CONSTRAINT df_link_paid DEFAULT 0;
GO
ALTER TABLE crm_link ADD changes BIGINT NOT NULL CONSTRAINT df_link_changes DEFAULT 0;
GO
ALTER TABLE crm_link ADD looked_at DATETIME2(3) NULL;
GO
ALTER TABLE crm_link ADD look_at DATETIME2(3) NOT NULL CONSTRAINT df_link_look_at DEFAULT '2000-01-01T00:00:00.000';
GO
CREATE INDEX ix_link_company_look_at_id ON crm_link (company, look_at, id);
ALTER TABLE crm_opportunity ADD progress NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_opportunity_progress DEFAULT N'';
GO
ALTER TABLE crm_quote ADD progress NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_quote_progress DEFAULT N'';
GO
CREATE INDEX ix_conversion_company_created_at_id ON crm_conversion (company, created_at, id);
