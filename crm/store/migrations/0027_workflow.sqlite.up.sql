-- How many rules stand behind an event, one caused by the next; what people and programs do has none.
ALTER TABLE crm_event ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;

CREATE TABLE crm_workflow (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	name TEXT NOT NULL,
	noun TEXT NOT NULL,
	state TEXT NOT NULL,
	live INTEGER NOT NULL,
	plan_json TEXT NOT NULL,
	live_by TEXT NOT NULL,
	live_at DATETIME,
	CONSTRAINT pk_crm_workflow PRIMARY KEY (id)
);
CREATE INDEX ix_workflow_company_id ON crm_workflow (company, id);

CREATE TABLE crm_workflow_version (
	workflow_id BLOB NOT NULL,
	number INTEGER NOT NULL,
	company TEXT NOT NULL,
	saved_at DATETIME NOT NULL,
	saved_by TEXT NOT NULL,
	plan_json TEXT NOT NULL,
	CONSTRAINT pk_crm_workflow_version PRIMARY KEY (workflow_id, number)
);

CREATE TABLE crm_workflow_run (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	workflow_id BLOB NOT NULL,
	number INTEGER NOT NULL,
	occasion BLOB NOT NULL,
	noun TEXT NOT NULL,
	record_id BLOB NOT NULL,
	depth INTEGER NOT NULL,
	since DATETIME NOT NULL,
	planned_at DATETIME NOT NULL,
	due_at DATETIME NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	lease_until DATETIME,
	lease_owner TEXT NOT NULL,
	outcome TEXT NOT NULL,
	why TEXT NOT NULL,
	failure TEXT NOT NULL,
	finished_at DATETIME,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_workflow_run PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_workflow_run_workflow_id_occasion ON crm_workflow_run (workflow_id, occasion);
CREATE INDEX ix_workflow_run_record_id_planned_at_id ON crm_workflow_run (record_id, planned_at, id);
CREATE INDEX ix_workflow_run_state_due_at_id ON crm_workflow_run (state, due_at, id);
CREATE INDEX ix_workflow_run_company_planned_at_id ON crm_workflow_run (company, planned_at, id);
CREATE INDEX ix_workflow_run_company_outcome_planned_at_id ON crm_workflow_run (company, outcome, planned_at, id);
CREATE INDEX ix_workflow_run_workflow_id_outcome_planned_at_id ON crm_workflow_run (workflow_id, outcome, planned_at, id);

CREATE TABLE crm_workflow_sweep (
	workflow_id BLOB NOT NULL,
	company TEXT NOT NULL,
	day TEXT NOT NULL,
	due_at DATETIME NOT NULL,
	after_key BLOB,
	CONSTRAINT pk_crm_workflow_sweep PRIMARY KEY (workflow_id)
);
CREATE INDEX ix_workflow_sweep_company_due_at ON crm_workflow_sweep (company, due_at);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_workflow_run', 'ix_workflow_run_workflow_id_occasion', '1000000 20000 1'),
	('crm_workflow_run', 'ix_workflow_run_record_id_planned_at_id', '1000000 10 2 1'),
	('crm_workflow_run', 'ix_workflow_run_state_due_at_id', '1000000 250000 100 1'),
	('crm_workflow_run', 'ix_workflow_run_company_planned_at_id', '1000000 500000 10 1'),
	('crm_workflow_run', 'ix_workflow_run_company_outcome_planned_at_id', '1000000 500000 100000 10 1'),
	('crm_workflow_run', 'ix_workflow_run_workflow_id_outcome_planned_at_id', '1000000 20000 4000 5 1');
