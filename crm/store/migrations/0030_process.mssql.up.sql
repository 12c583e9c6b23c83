CREATE TABLE crm_process (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	template_id VARBINARY(16) NOT NULL,
	name NVARCHAR(120) NOT NULL,
	noun NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	opportunity_id VARBINARY(16) NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	started_at DATETIME2(3) NOT NULL,
	ended_at DATETIME2(3) NULL,
	due_at DATETIME2(3) NULL,
	steps INT NOT NULL,
	steps_over INT NOT NULL,
	at_name NVARCHAR(120) NOT NULL,
	at_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason NVARCHAR(240) NOT NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_process PRIMARY KEY (id)
);
CREATE INDEX ix_process_company_started_at_id ON crm_process (company, started_at, id);
CREATE INDEX ix_process_company_state_started_at_id ON crm_process (company, state, started_at, id);
CREATE INDEX ix_process_record_id_started_at ON crm_process (record_id, started_at);
CREATE INDEX ix_process_party_id_started_at ON crm_process (party_id, started_at);
GO
CREATE TABLE crm_process_step (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	process_id VARBINARY(16) NOT NULL,
	position INT NOT NULL,
	part INT NOT NULL,
	name NVARCHAR(120) NOT NULL,
	who NVARCHAR(80) NOT NULL,
	who_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	days INT NOT NULL,
	from_start BIT NOT NULL,
	skippable BIT NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	activity_id VARBINARY(16) NULL,
	opened_at DATETIME2(3) NULL,
	due_at DATETIME2(3) NULL,
	ended_at DATETIME2(3) NULL,
	ended_by NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason NVARCHAR(240) NOT NULL,
	CONSTRAINT pk_crm_process_step PRIMARY KEY (id)
);
CREATE INDEX ix_process_step_process_id_position ON crm_process_step (process_id, position);
CREATE INDEX ix_process_step_activity_id ON crm_process_step (activity_id);
CREATE INDEX ix_process_step_company_who_user_state ON crm_process_step (company, who_user, state);
