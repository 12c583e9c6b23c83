CREATE TABLE crm_party (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	sort_key BLOB NOT NULL,
	title TEXT NOT NULL,
	given TEXT NOT NULL,
	middle TEXT NOT NULL,
	patronymic TEXT NOT NULL,
	particle TEXT NOT NULL,
	family TEXT NOT NULL,
	suffix TEXT NOT NULL,
	gender TEXT NOT NULL,
	language TEXT NOT NULL,
	birth_date DATE,
	email TEXT NOT NULL,
	phone TEXT NOT NULL,
	mobile TEXT NOT NULL,
	website TEXT NOT NULL,
	job_title TEXT NOT NULL,
	tax_id TEXT NOT NULL,
	line1 TEXT NOT NULL,
	line2 TEXT NOT NULL,
	postal_code TEXT NOT NULL,
	city TEXT NOT NULL,
	region TEXT NOT NULL,
	country TEXT NOT NULL,
	employer_id BLOB,
	merged_into BLOB,
	erased_at DATETIME,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_party PRIMARY KEY (id)
);
CREATE INDEX ix_party_company_sort_key_id ON crm_party (company, sort_key, id);
CREATE INDEX ix_party_employer_id ON crm_party (employer_id);
CREATE INDEX ix_party_merged_into ON crm_party (merged_into);

CREATE TABLE crm_role (
	company TEXT NOT NULL,
	role TEXT NOT NULL,
	host_key TEXT NOT NULL,
	party_id BLOB NOT NULL,
	conversion_id BLOB,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_role PRIMARY KEY (company, role, host_key)
) WITHOUT ROWID;
CREATE INDEX ix_role_party_id ON crm_role (party_id);

CREATE TABLE crm_party_point (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	party_id BLOB NOT NULL,
	kind TEXT NOT NULL,
	value TEXT NOT NULL,
	label TEXT NOT NULL,
	CONSTRAINT pk_crm_party_point PRIMARY KEY (id)
);
CREATE INDEX ix_party_point_party_id ON crm_party_point (party_id);

CREATE TABLE crm_party_key (
	company TEXT NOT NULL,
	kind TEXT NOT NULL,
	value TEXT NOT NULL,
	party_id BLOB NOT NULL,
	CONSTRAINT pk_crm_party_key PRIMARY KEY (company, kind, value, party_id)
) WITHOUT ROWID;

CREATE TABLE crm_party_share (
	party_id BLOB NOT NULL,
	user_id TEXT NOT NULL,
	company TEXT NOT NULL,
	CONSTRAINT pk_crm_party_share PRIMARY KEY (party_id, user_id)
) WITHOUT ROWID;
CREATE INDEX ix_party_share_company_user_id ON crm_party_share (company, user_id);

CREATE TABLE crm_merge (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	kind TEXT NOT NULL,
	survivor_id BLOB NOT NULL,
	loser_id BLOB NOT NULL,
	manifest TEXT NOT NULL,
	undone_at DATETIME,
	CONSTRAINT pk_crm_merge PRIMARY KEY (id)
);
CREATE INDEX ix_merge_survivor_id ON crm_merge (survivor_id);
CREATE INDEX ix_merge_loser_id ON crm_merge (loser_id);

CREATE TABLE crm_audit (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	at DATETIME NOT NULL,
	actor_kind TEXT NOT NULL,
	user_id TEXT NOT NULL,
	user_name TEXT NOT NULL,
	action TEXT NOT NULL,
	record_kind TEXT NOT NULL,
	record_id BLOB,
	record_version INTEGER NOT NULL,
	changes TEXT NOT NULL,
	CONSTRAINT pk_crm_audit PRIMARY KEY (id)
);
CREATE INDEX ix_audit_company_at_id ON crm_audit (company, at, id);
CREATE INDEX ix_audit_record_id_record_version ON crm_audit (record_id, record_version);

CREATE TABLE crm_event (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	kind TEXT NOT NULL,
	record_id BLOB NOT NULL,
	record_version INTEGER NOT NULL,
	at DATETIME NOT NULL,
	by_user TEXT NOT NULL,
	payload TEXT NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	due_at DATETIME NOT NULL,
	lease_until DATETIME,
	lease_owner TEXT NOT NULL,
	failure TEXT NOT NULL,
	CONSTRAINT pk_crm_event PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_event_record_id_record_version_kind ON crm_event (record_id, record_version, kind);
CREATE INDEX ix_event_state_due_at_id ON crm_event (state, due_at, id);
CREATE INDEX ix_event_company_at_id ON crm_event (company, at, id);

CREATE TABLE crm_event_done (
	event_id BLOB NOT NULL,
	handler TEXT NOT NULL,
	company TEXT NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_crm_event_done PRIMARY KEY (event_id, handler)
) WITHOUT ROWID;

CREATE TABLE crm_request (
	request_key TEXT NOT NULL,
	company TEXT NOT NULL,
	kind TEXT NOT NULL,
	payload TEXT NOT NULL DEFAULT '{}',
	requested_by TEXT NOT NULL DEFAULT '',
	requested_at DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
	state TEXT NOT NULL DEFAULT 'new',
	attempts INTEGER NOT NULL DEFAULT 0,
	due_at DATETIME,
	lease_until DATETIME,
	lease_owner TEXT NOT NULL DEFAULT '',
	CONSTRAINT pk_crm_request PRIMARY KEY (request_key)
);
CREATE INDEX ix_request_state_due_at_request_key ON crm_request (state, due_at, request_key);

CREATE TABLE crm_result (
	request_key TEXT NOT NULL,
	company TEXT NOT NULL,
	state TEXT NOT NULL,
	result TEXT NOT NULL,
	failure TEXT NOT NULL,
	finished_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_result PRIMARY KEY (request_key)
) WITHOUT ROWID;

CREATE TABLE crm_series (
	company TEXT NOT NULL,
	name TEXT NOT NULL,
	year INTEGER NOT NULL,
	last_number INTEGER NOT NULL,
	CONSTRAINT pk_crm_series PRIMARY KEY (company, name, year)
) WITHOUT ROWID;

CREATE TABLE crm_blob (
	company TEXT NOT NULL,
	hash TEXT NOT NULL,
	size INTEGER NOT NULL,
	content BLOB NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_blob PRIMARY KEY (company, hash)
);

CREATE TABLE crm_custom_field (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	record_kind TEXT NOT NULL,
	name TEXT NOT NULL,
	label TEXT NOT NULL,
	field_type TEXT NOT NULL,
	personal INTEGER NOT NULL,
	removed_at DATETIME,
	CONSTRAINT pk_crm_custom_field PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_custom_field_company_record_kind_name_id ON crm_custom_field (company, record_kind, name, id);

CREATE TABLE crm_custom_value (
	record_id BLOB NOT NULL,
	field_id BLOB NOT NULL,
	company TEXT NOT NULL,
	text_value TEXT NOT NULL,
	number_value INTEGER NOT NULL,
	time_value DATETIME,
	CONSTRAINT pk_crm_custom_value PRIMARY KEY (record_id, field_id)
) WITHOUT ROWID;
CREATE INDEX ix_custom_value_field_id_number_value ON crm_custom_value (field_id, number_value);
CREATE INDEX ix_custom_value_field_id_time_value ON crm_custom_value (field_id, time_value);
