DELETE FROM sqlite_stat1 WHERE idx IN ('ix_clock_part_id_occasion', 'ix_clock_party_id_kind_started_at');
DROP INDEX ix_clock_party_id_kind_started_at;
DROP INDEX ix_clock_part_id_occasion;
DELETE FROM crm_clock WHERE kind = 'regulation';
ALTER TABLE crm_clock DROP COLUMN occasion;
ALTER TABLE crm_clock DROP COLUMN noun;
