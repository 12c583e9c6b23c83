CREATE TABLE crm_sequence (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	name NVARCHAR(120) NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	topic_id VARBINARY(16) NOT NULL,
	plan_json NVARCHAR(MAX) NOT NULL,
	live INT NOT NULL,
	listens BIT NOT NULL,
	started_at DATETIME2(3) NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_sequence PRIMARY KEY (id)
);
CREATE INDEX ix_sequence_company_created_at_id ON crm_sequence (company, created_at, id);
CREATE INDEX ix_sequence_company_state_created_at_id ON crm_sequence (company, state, created_at, id);
GO
CREATE TABLE crm_sequence_version (
	sequence_id VARBINARY(16) NOT NULL,
	number INT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	plan_json NVARCHAR(MAX) NOT NULL,
	started_at DATETIME2(3) NOT NULL,
	started_by NVARCHAR(64) NOT NULL,
	CONSTRAINT pk_crm_sequence_version PRIMARY KEY (sequence_id, number)
);
GO
CREATE TABLE crm_sequence_letter (
	sequence_id VARBINARY(16) NOT NULL,
	number INT NOT NULL,
	step NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	lap INT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	campaign_id VARBINARY(16) NOT NULL,
	CONSTRAINT pk_crm_sequence_letter PRIMARY KEY (sequence_id, number, step, lap)
);
GO
CREATE TABLE crm_sequence_reader (
	sequence_id VARBINARY(16) NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	number INT NOT NULL,
	step NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	lap INT NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	lead_id VARBINARY(16) NULL,
	source NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	entered_at DATETIME2(3) NOT NULL,
	entered_by NVARCHAR(64) NOT NULL,
	lap_at DATETIME2(3) NOT NULL,
	due_at DATETIME2(3) NULL,
	lease_owner NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	because NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	because_of NVARCHAR(200) NOT NULL,
	wait_until DATETIME2(3) NULL,
	reason NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	note NVARCHAR(400) NOT NULL,
	left_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_sequence_reader PRIMARY KEY (sequence_id, party_id)
);
CREATE INDEX ix_sequence_reader_sequence_id_state_due_at ON crm_sequence_reader (sequence_id, state, due_at, party_id);
CREATE INDEX ix_sequence_reader_sequence_id_state_step ON crm_sequence_reader (sequence_id, state, step, party_id);
CREATE INDEX ix_sequence_reader_party_id ON crm_sequence_reader (party_id);
CREATE INDEX ix_sequence_reader_lead_id ON crm_sequence_reader (lead_id);
GO
CREATE TABLE crm_sequence_deed (
	sequence_id VARBINARY(16) NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	lap INT NOT NULL,
	step NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	number INT NOT NULL,
	kind NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	result NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	at DATETIME2(3) NOT NULL,
	campaign_id VARBINARY(16) NULL,
	seq INT NOT NULL,
	activity_id VARBINARY(16) NULL,
	CONSTRAINT pk_crm_sequence_deed PRIMARY KEY (sequence_id, party_id, lap, step)
);
CREATE INDEX ix_sequence_deed_party_id ON crm_sequence_deed (party_id);
CREATE INDEX ix_sequence_deed_sequence_id_step_result ON crm_sequence_deed (sequence_id, step, result);
GO
CREATE TABLE crm_sequence_contact (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	sequence_id VARBINARY(16) NOT NULL,
	at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_sequence_contact PRIMARY KEY (company, party_id)
);
GO
CREATE TABLE crm_sequence_sweep (
	sequence_id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	due_at DATETIME2(3) NOT NULL,
	enter_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_sequence_sweep PRIMARY KEY (sequence_id)
);
GO
CREATE TABLE crm_sequence_rule (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	gap_hours INT NOT NULL,
	CONSTRAINT pk_crm_sequence_rule PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_sequence_rule_company ON crm_sequence_rule (company);
