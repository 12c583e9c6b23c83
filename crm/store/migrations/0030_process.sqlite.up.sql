CREATE TABLE crm_process (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	template_id BLOB NOT NULL,
	name TEXT NOT NULL,
	noun TEXT NOT NULL,
	record_id BLOB NOT NULL,
	party_id BLOB NOT NULL,
	opportunity_id BLOB,
	state TEXT NOT NULL,
	started_at DATETIME NOT NULL,
	ended_at DATETIME,
	due_at DATETIME,
	steps INTEGER NOT NULL,
	steps_over INTEGER NOT NULL,
	at_name TEXT NOT NULL,
	at_user TEXT NOT NULL,
	reason TEXT NOT NULL,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_process PRIMARY KEY (id)
);
CREATE INDEX ix_process_company_started_at_id ON crm_process (company, started_at, id);
CREATE INDEX ix_process_company_state_started_at_id ON crm_process (company, state, started_at, id);
CREATE INDEX ix_process_record_id_started_at ON crm_process (record_id, started_at);
CREATE INDEX ix_process_party_id_started_at ON crm_process (party_id, started_at);

CREATE TABLE crm_process_step (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	process_id BLOB NOT NULL,
	position INTEGER NOT NULL,
	part INTEGER NOT NULL,
	name TEXT NOT NULL,
	who TEXT NOT NULL,
	who_user TEXT NOT NULL,
	days INTEGER NOT NULL,
	from_start INTEGER NOT NULL,
	skippable INTEGER NOT NULL,
	state TEXT NOT NULL,
	activity_id BLOB,
	opened_at DATETIME,
	due_at DATETIME,
	ended_at DATETIME,
	ended_by TEXT NOT NULL,
	reason TEXT NOT NULL,
	CONSTRAINT pk_crm_process_step PRIMARY KEY (id)
);
CREATE INDEX ix_process_step_process_id_position ON crm_process_step (process_id, position);
CREATE INDEX ix_process_step_activity_id ON crm_process_step (activity_id);
CREATE INDEX ix_process_step_company_who_user_state ON crm_process_step (company, who_user, state);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_process', 'sqlite_autoindex_crm_process_1', '100000 1'),
	('crm_process', 'ix_process_company_started_at_id', '100000 100000 2 1'),
	('crm_process', 'ix_process_company_state_started_at_id', '100000 100000 30000 2 1'),
	('crm_process', 'ix_process_record_id_started_at', '100000 2 1'),
	('crm_process', 'ix_process_party_id_started_at', '100000 3 1'),
	('crm_process_step', 'sqlite_autoindex_crm_process_step_1', '600000 1'),
	('crm_process_step', 'ix_process_step_process_id_position', '600000 6 1'),
	('crm_process_step', 'ix_process_step_activity_id', '600000 2'),
	('crm_process_step', 'ix_process_step_company_who_user_state', '600000 600000 6000 100');
