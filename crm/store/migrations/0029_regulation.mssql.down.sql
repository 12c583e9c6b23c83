DROP INDEX ix_clock_party_id_kind_started_at ON crm_clock;
DROP INDEX ix_clock_part_id_occasion ON crm_clock;
DELETE FROM crm_clock WHERE kind = N'regulation';
ALTER TABLE crm_clock DROP COLUMN occasion;
ALTER TABLE crm_clock DROP CONSTRAINT IF EXISTS df_clock_noun;
ALTER TABLE crm_clock DROP COLUMN noun;
