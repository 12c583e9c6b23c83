CREATE TABLE crm_policy (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	kind TEXT NOT NULL,
	body TEXT NOT NULL,
	draft TEXT NOT NULL,
	published_at DATETIME,
	published_by TEXT NOT NULL,
	CONSTRAINT pk_crm_policy PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_policy_company_kind ON crm_policy (company, kind);

CREATE TABLE crm_policy_version (
	policy_id BLOB NOT NULL,
	number INTEGER NOT NULL,
	company TEXT NOT NULL,
	saved_at DATETIME NOT NULL,
	saved_by TEXT NOT NULL,
	body TEXT NOT NULL,
	CONSTRAINT pk_crm_policy_version PRIMARY KEY (policy_id, number)
) WITHOUT ROWID;

CREATE TABLE crm_absence (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	user_id TEXT NOT NULL,
	from_day DATE NOT NULL,
	until_day DATE NOT NULL,
	deputy TEXT NOT NULL,
	CONSTRAINT pk_crm_absence PRIMARY KEY (id)
);
CREATE INDEX ix_absence_company_user_id_until_day ON crm_absence (company, user_id, until_day);

CREATE TABLE crm_route_pool (
	company TEXT NOT NULL,
	pool TEXT NOT NULL,
	turn INTEGER NOT NULL,
	CONSTRAINT pk_crm_route_pool PRIMARY KEY (company, pool)
) WITHOUT ROWID;

CREATE TABLE crm_route_member (
	company TEXT NOT NULL,
	pool TEXT NOT NULL,
	user_id TEXT NOT NULL,
	last_turn INTEGER NOT NULL,
	owed INTEGER NOT NULL,
	CONSTRAINT pk_crm_route_member PRIMARY KEY (company, pool, user_id)
) WITHOUT ROWID;

CREATE TABLE crm_route_decision (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	lead_id BLOB NOT NULL,
	at DATETIME NOT NULL,
	rule_key TEXT NOT NULL,
	rule_name TEXT NOT NULL,
	method TEXT NOT NULL,
	pool TEXT NOT NULL,
	policy_version INTEGER NOT NULL,
	user_id TEXT NOT NULL,
	team TEXT NOT NULL,
	why TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	returned_at DATETIME,
	CONSTRAINT pk_crm_route_decision PRIMARY KEY (id)
);
CREATE INDEX ix_route_decision_company_at_id ON crm_route_decision (company, at, id);
CREATE INDEX ix_route_decision_company_user_id_at ON crm_route_decision (company, user_id, at);
CREATE INDEX ix_route_decision_lead_id_at ON crm_route_decision (lead_id, at);

CREATE TABLE crm_clock (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	kind TEXT NOT NULL,
	record_id BLOB NOT NULL,
	part_id BLOB,
	party_id BLOB NOT NULL,
	rule_name TEXT NOT NULL,
	state TEXT NOT NULL,
	started_at DATETIME NOT NULL,
	paused_at DATETIME,
	stopped_at DATETIME,
	limit_seconds INTEGER NOT NULL,
	spent_seconds INTEGER NOT NULL,
	due_at DATETIME,
	level INTEGER NOT NULL,
	next_at DATETIME,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	told_owner TEXT NOT NULL,
	told_manager TEXT NOT NULL,
	CONSTRAINT pk_crm_clock PRIMARY KEY (id)
);
CREATE INDEX ix_clock_company_state_next_at_id ON crm_clock (company, state, next_at, id);
CREATE INDEX ix_clock_record_id_kind_started_at ON crm_clock (record_id, kind, started_at);
CREATE INDEX ix_clock_company_kind_state_due_at_id ON crm_clock (company, kind, state, due_at, id);
CREATE INDEX ix_clock_company_kind_stopped_at_id ON crm_clock (company, kind, stopped_at, id);

CREATE TABLE crm_score (
	lead_id BLOB NOT NULL,
	company TEXT NOT NULL,
	score INTEGER NOT NULL,
	band TEXT NOT NULL,
	detail TEXT NOT NULL,
	model_version INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	scored_at DATETIME NOT NULL,
	next_at DATETIME,
	CONSTRAINT pk_crm_score PRIMARY KEY (lead_id)
);
CREATE INDEX ix_score_company_next_at_lead_id ON crm_score (company, next_at, lead_id);
CREATE INDEX ix_score_company_model_version_lead_id ON crm_score (company, model_version, lead_id);

CREATE TABLE crm_score_history (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	lead_id BLOB NOT NULL,
	at DATETIME NOT NULL,
	old_score INTEGER NOT NULL,
	new_score INTEGER NOT NULL,
	model_version INTEGER NOT NULL,
	detail TEXT NOT NULL,
	CONSTRAINT pk_crm_score_history PRIMARY KEY (id)
);
CREATE INDEX ix_score_history_lead_id_at ON crm_score_history (lead_id, at);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_route_decision', 'sqlite_autoindex_crm_route_decision_1', '1000000 1'),
	('crm_route_decision', 'ix_route_decision_company_at_id', '1000000 1000000 2 1'),
	('crm_route_decision', 'ix_route_decision_company_user_id_at', '1000000 1000000 20000 2'),
	('crm_route_decision', 'ix_route_decision_lead_id_at', '1000000 2 1'),
	('crm_clock', 'sqlite_autoindex_crm_clock_1', '1000000 1'),
	('crm_clock', 'ix_clock_company_state_next_at_id', '1000000 1000000 200000 2 1'),
	('crm_clock', 'ix_clock_record_id_kind_started_at', '1000000 3 3 1'),
	('crm_clock', 'ix_clock_company_kind_state_due_at_id', '1000000 1000000 500000 100000 2 1'),
	('crm_clock', 'ix_clock_company_kind_stopped_at_id', '1000000 1000000 500000 2 1'),
	('crm_score', 'sqlite_autoindex_crm_score_1', '1000000 1'),
	('crm_score', 'ix_score_company_next_at_lead_id', '1000000 1000000 2 1'),
	('crm_score', 'ix_score_company_model_version_lead_id', '1000000 1000000 1000000 1'),
	('crm_score_history', 'sqlite_autoindex_crm_score_history_1', '1000000 1'),
	('crm_score_history', 'ix_score_history_lead_id_at', '1000000 10 1');
