CREATE TABLE crm_sequence (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	name TEXT NOT NULL,
	state TEXT NOT NULL,
	topic_id BLOB NOT NULL,
	plan_json TEXT NOT NULL,
	live INTEGER NOT NULL,
	listens INTEGER NOT NULL,
	started_at DATETIME,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_sequence PRIMARY KEY (id)
);
CREATE INDEX ix_sequence_company_created_at_id ON crm_sequence (company, created_at, id);
CREATE INDEX ix_sequence_company_state_created_at_id ON crm_sequence (company, state, created_at, id);

CREATE TABLE crm_sequence_version (
	sequence_id BLOB NOT NULL,
	number INTEGER NOT NULL,
	company TEXT NOT NULL,
	plan_json TEXT NOT NULL,
	started_at DATETIME NOT NULL,
	started_by TEXT NOT NULL,
	CONSTRAINT pk_crm_sequence_version PRIMARY KEY (sequence_id, number)
);

CREATE TABLE crm_sequence_letter (
	sequence_id BLOB NOT NULL,
	number INTEGER NOT NULL,
	step TEXT NOT NULL,
	lap INTEGER NOT NULL,
	company TEXT NOT NULL,
	campaign_id BLOB NOT NULL,
	CONSTRAINT pk_crm_sequence_letter PRIMARY KEY (sequence_id, number, step, lap)
);

CREATE TABLE crm_sequence_reader (
	sequence_id BLOB NOT NULL,
	party_id BLOB NOT NULL,
	company TEXT NOT NULL,
	number INTEGER NOT NULL,
	step TEXT NOT NULL,
	lap INTEGER NOT NULL,
	state TEXT NOT NULL,
	lead_id BLOB,
	source TEXT NOT NULL,
	entered_at DATETIME NOT NULL,
	entered_by TEXT NOT NULL,
	lap_at DATETIME NOT NULL,
	due_at DATETIME,
	lease_owner TEXT NOT NULL,
	because TEXT NOT NULL,
	because_of TEXT NOT NULL,
	wait_until DATETIME,
	reason TEXT NOT NULL,
	note TEXT NOT NULL,
	left_at DATETIME,
	CONSTRAINT pk_crm_sequence_reader PRIMARY KEY (sequence_id, party_id)
);
CREATE INDEX ix_sequence_reader_sequence_id_state_due_at ON crm_sequence_reader (sequence_id, state, due_at, party_id);
CREATE INDEX ix_sequence_reader_sequence_id_state_step ON crm_sequence_reader (sequence_id, state, step, party_id);
CREATE INDEX ix_sequence_reader_party_id ON crm_sequence_reader (party_id);
CREATE INDEX ix_sequence_reader_lead_id ON crm_sequence_reader (lead_id);

CREATE TABLE crm_sequence_deed (
	sequence_id BLOB NOT NULL,
	party_id BLOB NOT NULL,
	lap INTEGER NOT NULL,
	step TEXT NOT NULL,
	company TEXT NOT NULL,
	number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	result TEXT NOT NULL,
	at DATETIME NOT NULL,
	campaign_id BLOB,
	seq INTEGER NOT NULL,
	activity_id BLOB,
	CONSTRAINT pk_crm_sequence_deed PRIMARY KEY (sequence_id, party_id, lap, step)
);
CREATE INDEX ix_sequence_deed_party_id ON crm_sequence_deed (party_id);
CREATE INDEX ix_sequence_deed_sequence_id_step_result ON crm_sequence_deed (sequence_id, step, result);

CREATE TABLE crm_sequence_contact (
	company TEXT NOT NULL,
	party_id BLOB NOT NULL,
	sequence_id BLOB NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_crm_sequence_contact PRIMARY KEY (company, party_id)
);

CREATE TABLE crm_sequence_sweep (
	sequence_id BLOB NOT NULL,
	company TEXT NOT NULL,
	due_at DATETIME NOT NULL,
	enter_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_sequence_sweep PRIMARY KEY (sequence_id)
);

CREATE TABLE crm_sequence_rule (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	gap_hours INTEGER NOT NULL,
	CONSTRAINT pk_crm_sequence_rule PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_sequence_rule_company ON crm_sequence_rule (company);
