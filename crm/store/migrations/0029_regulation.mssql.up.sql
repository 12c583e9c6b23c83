-- Clocks of regulations: what people open for them, and the moment that began each, which begins one clock only.
ALTER TABLE crm_clock ADD noun NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_clock_noun DEFAULT N'';
GO
ALTER TABLE crm_clock ADD occasion VARBINARY(16) NULL;
GO
UPDATE crm_clock SET noun = CASE kind WHEN N'stage' THEN N'opportunity' ELSE N'lead' END, occasion = id;
GO
CREATE UNIQUE INDEX ix_clock_part_id_occasion ON crm_clock (part_id, occasion);
CREATE INDEX ix_clock_party_id_kind_started_at ON crm_clock (party_id, kind, started_at);
