-- Clocks of regulations: what people open for them, and the moment that began each, which begins one clock only.
ALTER TABLE crm_clock ADD COLUMN noun TEXT NOT NULL DEFAULT '';
ALTER TABLE crm_clock ADD COLUMN occasion BLOB;
UPDATE crm_clock SET noun = CASE kind WHEN 'stage' THEN 'opportunity' ELSE 'lead' END, occasion = id;
CREATE UNIQUE INDEX ix_clock_part_id_occasion ON crm_clock (part_id, occasion);
CREATE INDEX ix_clock_party_id_kind_started_at ON crm_clock (party_id, kind, started_at);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_clock', 'ix_clock_part_id_occasion', '1000000 20000 1'),
	('crm_clock', 'ix_clock_party_id_kind_started_at', '1000000 4 2 1');
