CREATE TABLE crm_conversion (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	kind TEXT NOT NULL,
	subject_kind TEXT NOT NULL,
	subject_id BLOB NOT NULL,
	step TEXT NOT NULL,
	token TEXT NOT NULL,
	state TEXT NOT NULL,
	request TEXT NOT NULL,
	result TEXT NOT NULL,
	manifest TEXT NOT NULL,
	undone_at DATETIME,
	undone_by TEXT NOT NULL,
	CONSTRAINT pk_crm_conversion PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_conversion_company_kind_subject_id_step ON crm_conversion (company, kind, subject_id, step);
CREATE UNIQUE INDEX ix_conversion_company_token ON crm_conversion (company, token);
CREATE INDEX ix_conversion_subject_id ON crm_conversion (subject_id);
CREATE INDEX ix_conversion_state_id ON crm_conversion (state, id);

CREATE TABLE crm_link (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	conversion_id BLOB NOT NULL,
	record_kind TEXT NOT NULL,
	record_id BLOB NOT NULL,
	party_id BLOB NOT NULL,
	host_kind TEXT NOT NULL,
	host_key TEXT NOT NULL,
	host_number TEXT NOT NULL,
	total INTEGER NOT NULL,
	currency TEXT NOT NULL,
	host_state TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_link PRIMARY KEY (id)
);
CREATE INDEX ix_link_conversion_id ON crm_link (conversion_id);
CREATE INDEX ix_link_record_id ON crm_link (record_id);
CREATE INDEX ix_link_party_id ON crm_link (party_id);
CREATE INDEX ix_link_company_host_kind_host_key ON crm_link (company, host_kind, host_key);

CREATE TABLE crm_host_call (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	conversion_id BLOB NOT NULL,
	party_id BLOB NOT NULL,
	lane_id BLOB NOT NULL,
	operation TEXT NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	due_at DATETIME,
	lease_owner TEXT NOT NULL,
	reason_code TEXT NOT NULL,
	reason TEXT NOT NULL,
	progress TEXT NOT NULL,
	finished_at DATETIME,
	CONSTRAINT pk_crm_host_call PRIMARY KEY (id)
);
CREATE INDEX ix_host_call_company_state_due_at_id ON crm_host_call (company, state, due_at, id);
CREATE INDEX ix_host_call_company_lane_id_state_id ON crm_host_call (company, lane_id, state, id);
CREATE INDEX ix_host_call_company_created_at_id ON crm_host_call (company, created_at, id);
CREATE INDEX ix_host_call_conversion_id ON crm_host_call (conversion_id);
CREATE INDEX ix_host_call_party_id ON crm_host_call (party_id);
