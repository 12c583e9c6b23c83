-- How many rules stand behind an event, one caused by the next; what people and programs do has none.
ALTER TABLE crm_event ADD depth INT NOT NULL CONSTRAINT df_event_depth DEFAULT 0;
GO
CREATE TABLE crm_workflow (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	name NVARCHAR(120) NOT NULL,
	noun NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	live BIGINT NOT NULL,
	plan_json NVARCHAR(MAX) NOT NULL,
	live_by NVARCHAR(64) NOT NULL,
	live_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_workflow PRIMARY KEY (id)
);
CREATE INDEX ix_workflow_company_id ON crm_workflow (company, id);
GO
CREATE TABLE crm_workflow_version (
	workflow_id VARBINARY(16) NOT NULL,
	number BIGINT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	saved_at DATETIME2(3) NOT NULL,
	saved_by NVARCHAR(64) NOT NULL,
	plan_json NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_workflow_version PRIMARY KEY (workflow_id, number)
);
GO
CREATE TABLE crm_workflow_run (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	workflow_id VARBINARY(16) NOT NULL,
	number BIGINT NOT NULL,
	occasion VARBINARY(16) NOT NULL,
	noun NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NOT NULL,
	depth INT NOT NULL,
	since DATETIME2(3) NOT NULL,
	planned_at DATETIME2(3) NOT NULL,
	due_at DATETIME2(3) NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	attempts INT NOT NULL,
	lease_until DATETIME2(3) NULL,
	lease_owner NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	outcome NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	why NVARCHAR(MAX) NOT NULL,
	failure NVARCHAR(1000) NOT NULL,
	finished_at DATETIME2(3) NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_workflow_run PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_workflow_run_workflow_id_occasion ON crm_workflow_run (workflow_id, occasion);
CREATE INDEX ix_workflow_run_record_id_planned_at_id ON crm_workflow_run (record_id, planned_at, id);
CREATE INDEX ix_workflow_run_state_due_at_id ON crm_workflow_run (state, due_at, id);
CREATE INDEX ix_workflow_run_company_planned_at_id ON crm_workflow_run (company, planned_at, id);
CREATE INDEX ix_workflow_run_company_outcome_planned_at_id ON crm_workflow_run (company, outcome, planned_at, id);
CREATE INDEX ix_workflow_run_workflow_id_outcome_planned_at_id ON crm_workflow_run (workflow_id, outcome, planned_at, id);
GO
CREATE TABLE crm_workflow_sweep (
	workflow_id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	day DATE NOT NULL,
	due_at DATETIME2(3) NOT NULL,
	after_key VARBINARY(16) NULL,
	CONSTRAINT pk_crm_workflow_sweep PRIMARY KEY (workflow_id)
);
CREATE INDEX ix_workflow_sweep_company_due_at ON crm_workflow_sweep (company, due_at);
