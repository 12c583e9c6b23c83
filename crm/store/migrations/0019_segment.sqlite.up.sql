CREATE TABLE crm_segment (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	name TEXT NOT NULL,
	name_key BLOB NOT NULL,
	description TEXT NOT NULL,
	kind TEXT NOT NULL,
	condition_text TEXT NOT NULL,
	excluded TEXT NOT NULL,
	evaluated_at DATETIME,
	archived_at DATETIME,
	CONSTRAINT pk_crm_segment PRIMARY KEY (id)
);
CREATE INDEX ix_segment_company_name_key_id ON crm_segment (company, name_key, id);

CREATE TABLE crm_segment_version (
	segment_id BLOB NOT NULL,
	number INTEGER NOT NULL,
	company TEXT NOT NULL,
	saved_at DATETIME NOT NULL,
	saved_by TEXT NOT NULL,
	name TEXT NOT NULL,
	condition_text TEXT NOT NULL,
	excluded TEXT NOT NULL,
	CONSTRAINT pk_crm_segment_version PRIMARY KEY (segment_id, number)
) WITHOUT ROWID;

CREATE TABLE crm_segment_member (
	segment_id BLOB NOT NULL,
	party_id BLOB NOT NULL,
	company TEXT NOT NULL,
	added_at DATETIME NOT NULL,
	added_by TEXT NOT NULL,
	CONSTRAINT pk_crm_segment_member PRIMARY KEY (segment_id, party_id)
) WITHOUT ROWID;
CREATE INDEX ix_segment_member_party_id ON crm_segment_member (party_id);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_segment_member', 'crm_segment_member', '1000000 20000 1'),
	('crm_segment_member', 'ix_segment_member_party_id', '1000000 5 1');
