CREATE TABLE crm_saved_view (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	page TEXT NOT NULL,
	name TEXT NOT NULL,
	query TEXT NOT NULL,
	columns TEXT NOT NULL,
	sort TEXT NOT NULL,
	shared TEXT NOT NULL,
	position INTEGER NOT NULL,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_saved_view PRIMARY KEY (id)
);
CREATE INDEX ix_saved_view_company_page_owner_user ON crm_saved_view (company, page, owner_user);
CREATE INDEX ix_saved_view_company_page_shared_owner_team ON crm_saved_view (company, page, shared, owner_team);
CREATE INDEX ix_saved_view_company_owner_user ON crm_saved_view (company, owner_user);

CREATE TABLE crm_preference (
	company TEXT NOT NULL,
	user_id TEXT NOT NULL,
	settings TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_preference PRIMARY KEY (company, user_id)
) WITHOUT ROWID;

CREATE TABLE crm_choice_list (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	list TEXT NOT NULL,
	choices TEXT NOT NULL,
	CONSTRAINT pk_crm_choice_list PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_choice_list_company_list ON crm_choice_list (company, list);

CREATE TABLE crm_company_text (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	name TEXT NOT NULL,
	language TEXT NOT NULL,
	body TEXT NOT NULL,
	CONSTRAINT pk_crm_company_text PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_company_text_company_name_language ON crm_company_text (company, name, language);

CREATE TABLE crm_user_right (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	user_id TEXT NOT NULL,
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	rights TEXT NOT NULL,
	visibility TEXT NOT NULL,
	teams TEXT NOT NULL,
	disabled_at DATETIME,
	CONSTRAINT pk_crm_user_right PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_user_right_company_user_id ON crm_user_right (company, user_id);

CREATE TABLE crm_notice (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	user_id TEXT NOT NULL,
	event_id BLOB NOT NULL,
	kind TEXT NOT NULL,
	record_kind TEXT NOT NULL,
	record_id BLOB NOT NULL,
	actor_user TEXT NOT NULL,
	actor_name TEXT NOT NULL,
	parameters TEXT NOT NULL,
	at DATETIME NOT NULL,
	read_at DATETIME,
	CONSTRAINT pk_crm_notice PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_notice_event_id_user_id_kind ON crm_notice (event_id, user_id, kind);
CREATE INDEX ix_notice_company_user_id_at_id ON crm_notice (company, user_id, at, id);
CREATE INDEX ix_notice_company_user_id_read_at_at_id ON crm_notice (company, user_id, read_at, at, id);
CREATE INDEX ix_notice_company_read_at_at ON crm_notice (company, read_at, at);

CREATE TABLE crm_read_log (
	company TEXT NOT NULL,
	record_id BLOB NOT NULL,
	day DATE NOT NULL,
	user_id TEXT NOT NULL,
	record_kind TEXT NOT NULL,
	last_at DATETIME NOT NULL,
	times INTEGER NOT NULL,
	CONSTRAINT pk_crm_read_log PRIMARY KEY (company, record_id, day, user_id)
) WITHOUT ROWID;
CREATE INDEX ix_read_log_company_user_id_day ON crm_read_log (company, user_id, day, record_id);
CREATE INDEX ix_read_log_company_day ON crm_read_log (company, day);

ALTER TABLE crm_attachment ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE crm_attachment SET name_key = LOWER(name);
CREATE INDEX ix_attachment_company_id ON crm_attachment (company, id);
CREATE INDEX ix_attachment_company_name_key_id ON crm_attachment (company, name_key, id);
CREATE INDEX ix_activity_company_owner_team_is_open_at_id ON crm_activity (company, owner_team, is_open, at, id);
CREATE INDEX ix_party_company_owner_user_sort_key_id ON crm_party (company, owner_user, sort_key, id);
CREATE INDEX ix_party_company_owner_team_sort_key_id ON crm_party (company, owner_team, sort_key, id);
CREATE INDEX ix_opportunity_company_owner_user_state_expected_close_id ON crm_opportunity (company, owner_user, state, expected_close, id);

-- What the planner goes by, as for the other indexes of the table: without it SQLite takes a company for ten rows.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_party', 'ix_party_company_owner_user_sort_key_id', '1000000 1000000 20000 2 1'),
	('crm_party', 'ix_party_company_owner_team_sort_key_id', '1000000 1000000 100000 2 1');
