CREATE TABLE crm_policy (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	kind NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	body NVARCHAR(MAX) NOT NULL,
	draft NVARCHAR(MAX) NOT NULL,
	published_at DATETIME2(3) NULL,
	published_by NVARCHAR(64) NOT NULL,
	CONSTRAINT pk_crm_policy PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_policy_company_kind ON crm_policy (company, kind);
GO
CREATE TABLE crm_policy_version (
	policy_id VARBINARY(16) NOT NULL,
	number BIGINT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	saved_at DATETIME2(3) NOT NULL,
	saved_by NVARCHAR(64) NOT NULL,
	body NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_policy_version PRIMARY KEY (policy_id, number)
);
GO
CREATE TABLE crm_absence (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	from_day DATE NOT NULL,
	until_day DATE NOT NULL,
	deputy NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_absence PRIMARY KEY (id)
);
CREATE INDEX ix_absence_company_user_id_until_day ON crm_absence (company, user_id, until_day);
GO
CREATE TABLE crm_route_pool (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	pool NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	turn BIGINT NOT NULL,
	CONSTRAINT pk_crm_route_pool PRIMARY KEY (company, pool)
);
GO
CREATE TABLE crm_route_member (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	pool NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	last_turn BIGINT NOT NULL,
	owed BIGINT NOT NULL,
	CONSTRAINT pk_crm_route_member PRIMARY KEY (company, pool, user_id)
);
GO
CREATE TABLE crm_route_decision (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	lead_id VARBINARY(16) NOT NULL,
	at DATETIME2(3) NOT NULL,
	rule_key NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	rule_name NVARCHAR(120) NOT NULL,
	method NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	pool NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	policy_version BIGINT NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	why NVARCHAR(MAX) NOT NULL,
	decided_by NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	returned_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_route_decision PRIMARY KEY (id)
);
CREATE INDEX ix_route_decision_company_at_id ON crm_route_decision (company, at, id);
CREATE INDEX ix_route_decision_company_user_id_at ON crm_route_decision (company, user_id, at);
CREATE INDEX ix_route_decision_lead_id_at ON crm_route_decision (lead_id, at);
GO
CREATE TABLE crm_clock (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	kind NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NOT NULL,
	part_id VARBINARY(16) NULL,
	party_id VARBINARY(16) NOT NULL,
	rule_name NVARCHAR(120) NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	started_at DATETIME2(3) NOT NULL,
	paused_at DATETIME2(3) NULL,
	stopped_at DATETIME2(3) NULL,
	limit_seconds BIGINT NOT NULL,
	spent_seconds BIGINT NOT NULL,
	due_at DATETIME2(3) NULL,
	level BIGINT NOT NULL,
	next_at DATETIME2(3) NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	told_owner NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	told_manager NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_clock PRIMARY KEY (id)
);
CREATE INDEX ix_clock_company_state_next_at_id ON crm_clock (company, state, next_at, id);
CREATE INDEX ix_clock_record_id_kind_started_at ON crm_clock (record_id, kind, started_at);
CREATE INDEX ix_clock_company_kind_state_due_at_id ON crm_clock (company, kind, state, due_at, id);
CREATE INDEX ix_clock_company_kind_stopped_at_id ON crm_clock (company, kind, stopped_at, id);
GO
CREATE TABLE crm_score (
	lead_id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	score BIGINT NOT NULL,
	band NVARCHAR(60) NOT NULL,
	detail NVARCHAR(MAX) NOT NULL,
	model_version BIGINT NOT NULL,
	revision BIGINT NOT NULL,
	scored_at DATETIME2(3) NOT NULL,
	next_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_score PRIMARY KEY (lead_id)
);
CREATE INDEX ix_score_company_next_at_lead_id ON crm_score (company, next_at, lead_id);
CREATE INDEX ix_score_company_model_version_lead_id ON crm_score (company, model_version, lead_id);
GO
CREATE TABLE crm_score_history (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	lead_id VARBINARY(16) NOT NULL,
	at DATETIME2(3) NOT NULL,
	old_score BIGINT NOT NULL,
	new_score BIGINT NOT NULL,
	model_version BIGINT NOT NULL,
	detail NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_score_history PRIMARY KEY (id)
);
CREATE INDEX ix_score_history_lead_id_at ON crm_score_history (lead_id, at);
