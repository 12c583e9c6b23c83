CREATE TABLE crm_lead (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	party_id BLOB NOT NULL,
	organization_id BLOB,
	organization TEXT NOT NULL,
	status TEXT NOT NULL,
	status_reason TEXT NOT NULL,
	interest TEXT NOT NULL,
	expected_value INTEGER NOT NULL,
	currency TEXT NOT NULL,
	source TEXT NOT NULL,
	medium TEXT NOT NULL,
	campaign TEXT NOT NULL,
	external_id TEXT NOT NULL,
	arrived_at DATETIME NOT NULL,
	assigned_at DATETIME,
	first_response_at DATETIME,
	score INTEGER NOT NULL,
	import_id BLOB,
	conversion_id BLOB,
	converted_at DATETIME,
	merged_into BLOB,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_lead PRIMARY KEY (id)
);
CREATE INDEX ix_lead_company_arrived_at_id ON crm_lead (company, arrived_at, id);
CREATE INDEX ix_lead_company_status_arrived_at_id ON crm_lead (company, status, arrived_at, id);
CREATE INDEX ix_lead_company_owner_user_arrived_at_id ON crm_lead (company, owner_user, arrived_at, id);
CREATE INDEX ix_lead_company_owner_team_arrived_at_id ON crm_lead (company, owner_team, arrived_at, id);
CREATE INDEX ix_lead_company_source_arrived_at_id ON crm_lead (company, source, arrived_at, id);
CREATE INDEX ix_lead_company_campaign_arrived_at_id ON crm_lead (company, campaign, arrived_at, id);
CREATE INDEX ix_lead_company_score_id ON crm_lead (company, score, id);
CREATE INDEX ix_lead_party_id_company ON crm_lead (party_id, company);
CREATE INDEX ix_lead_organization_id_company ON crm_lead (organization_id, company);
CREATE INDEX ix_lead_import_id_company_id ON crm_lead (import_id, company, id);
CREATE INDEX ix_lead_company_external_id ON crm_lead (company, external_id);
CREATE INDEX ix_lead_merged_into_company ON crm_lead (merged_into, company);

CREATE TABLE crm_touch (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	party_id BLOB NOT NULL,
	lead_id BLOB NOT NULL,
	at DATETIME NOT NULL,
	channel TEXT NOT NULL,
	source TEXT NOT NULL,
	medium TEXT NOT NULL,
	campaign TEXT NOT NULL,
	term TEXT NOT NULL,
	content TEXT NOT NULL,
	click_id TEXT NOT NULL,
	referrer TEXT NOT NULL,
	page TEXT NOT NULL,
	consent TEXT NOT NULL,
	CONSTRAINT pk_crm_touch PRIMARY KEY (id)
);
CREATE INDEX ix_touch_lead_id_at ON crm_touch (lead_id, at);
CREATE INDEX ix_touch_party_id_at ON crm_touch (party_id, at);

CREATE TABLE crm_capture_lock (
	company TEXT NOT NULL,
	stripe INTEGER NOT NULL,
	taken INTEGER NOT NULL,
	CONSTRAINT pk_crm_capture_lock PRIMARY KEY (company, stripe)
) WITHOUT ROWID;

CREATE TABLE crm_import (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	file_name TEXT NOT NULL,
	file_hash TEXT NOT NULL,
	format TEXT NOT NULL,
	encoding TEXT NOT NULL,
	mapping TEXT NOT NULL,
	state TEXT NOT NULL,
	rows_read INTEGER NOT NULL,
	rows_taken INTEGER NOT NULL,
	rows_merged INTEGER NOT NULL,
	rows_skipped INTEGER NOT NULL,
	rows_bad INTEGER NOT NULL,
	next_row INTEGER NOT NULL,
	finished_at DATETIME,
	undone_at DATETIME,
	failure TEXT NOT NULL,
	CONSTRAINT pk_crm_import PRIMARY KEY (id)
);
CREATE INDEX ix_import_company_created_at_id ON crm_import (company, created_at, id);
CREATE INDEX ix_import_company_file_hash ON crm_import (company, file_hash);

CREATE TABLE crm_import_fault (
	import_id BLOB NOT NULL,
	line INTEGER NOT NULL,
	company TEXT NOT NULL,
	column_no INTEGER NOT NULL,
	column_name TEXT NOT NULL,
	reason TEXT NOT NULL,
	cells TEXT NOT NULL,
	CONSTRAINT pk_crm_import_fault PRIMARY KEY (import_id, line)
) WITHOUT ROWID;

CREATE TABLE crm_import_mapping (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	fingerprint TEXT NOT NULL,
	mapping TEXT NOT NULL,
	CONSTRAINT pk_crm_import_mapping PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_import_mapping_company_fingerprint ON crm_import_mapping (company, fingerprint);

-- What the planner goes by. Without it SQLite takes a company for ten rows and reads all of it where a few
-- ids are asked for, and merged_into, which is NULL in nearly all rows, for a narrow way in.
ANALYZE crm_lead;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_lead', 'sqlite_autoindex_crm_lead_1', '1000000 1'),
	('crm_lead', 'ix_lead_company_arrived_at_id', '1000000 1000000 2 1'),
	('crm_lead', 'ix_lead_company_status_arrived_at_id', '1000000 1000000 200000 2 1'),
	('crm_lead', 'ix_lead_company_owner_user_arrived_at_id', '1000000 1000000 20000 2 1'),
	('crm_lead', 'ix_lead_company_owner_team_arrived_at_id', '1000000 1000000 100000 2 1'),
	('crm_lead', 'ix_lead_company_source_arrived_at_id', '1000000 1000000 100000 2 1'),
	('crm_lead', 'ix_lead_company_campaign_arrived_at_id', '1000000 1000000 50000 2 1'),
	('crm_lead', 'ix_lead_company_score_id', '1000000 1000000 20000 1'),
	('crm_lead', 'ix_lead_party_id_company', '1000000 2 2'),
	('crm_lead', 'ix_lead_organization_id_company', '1000000 5 5'),
	('crm_lead', 'ix_lead_import_id_company_id', '1000000 50000 50000 1'),
	('crm_lead', 'ix_lead_company_external_id', '1000000 1000000 10'),
	('crm_lead', 'ix_lead_merged_into_company', '1000000 500000 500000'),
	('crm_touch', 'sqlite_autoindex_crm_touch_1', '1000000 1'),
	('crm_touch', 'ix_touch_lead_id_at', '1000000 2 1'),
	('crm_touch', 'ix_touch_party_id_at', '1000000 2 1'),
	('crm_party', 'sqlite_autoindex_crm_party_1', '1000000 1'),
	('crm_party', 'ix_party_company_sort_key_id', '1000000 1000000 2 1'),
	('crm_party', 'ix_party_employer_id', '1000000 5'),
	('crm_party', 'ix_party_merged_into', '1000000 500000'),
	('crm_party_key', 'crm_party_key', '5000000 5000000 1000000 3 1'),
	('crm_party_share', 'crm_party_share', '10000 2 1'),
	('crm_party_share', 'ix_party_share_company_user_id', '10000 10000 100');
