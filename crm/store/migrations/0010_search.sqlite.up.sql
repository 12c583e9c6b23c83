CREATE TABLE crm_search (
	no INTEGER NOT NULL,
	company TEXT NOT NULL,
	kind TEXT NOT NULL,
	record_id BLOB NOT NULL,
	party_id BLOB,
	words TEXT NOT NULL,
	CONSTRAINT pk_crm_search PRIMARY KEY (no)
);
CREATE UNIQUE INDEX ix_search_record_id_kind ON crm_search (record_id, kind);
CREATE INDEX ix_search_party_id_kind ON crm_search (party_id, kind);

CREATE TABLE crm_search_word (
	company TEXT NOT NULL,
	kind TEXT NOT NULL,
	word TEXT NOT NULL,
	no INTEGER NOT NULL,
	CONSTRAINT pk_crm_search_word PRIMARY KEY (company, kind, word, no)
) WITHOUT ROWID;

CREATE TABLE crm_search_state (
	company TEXT NOT NULL,
	scheme INTEGER NOT NULL,
	phase TEXT NOT NULL,
	after_id BLOB,
	after_no INTEGER NOT NULL,
	indexed INTEGER NOT NULL,
	followed_at DATETIME NOT NULL,
	check_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_search_state PRIMARY KEY (company)
) WITHOUT ROWID;

-- The words of crm_search, found by their beginnings. It keeps neither the text, which is in crm_search, nor
-- positions. Beginnings of up to six letters have lists of their own, because SQLite puts together the lists
-- of all words that begin with a longer one before it gives the first row.
CREATE VIRTUAL TABLE crm_search_fts USING fts5(words, content='', columnsize=0, detail=none, tokenize='ascii', prefix='1 2 3 4 5 6');

-- What the planner goes by; see 0002.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_search', 'ix_search_record_id_kind', '1000000 1 1'),
	('crm_search', 'ix_search_party_id_kind', '1000000 3 2'),
	('crm_search_word', 'crm_search_word', '15000000 15000000 3000000 20 1');
