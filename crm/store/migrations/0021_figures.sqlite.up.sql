CREATE TABLE crm_rate (
	company TEXT NOT NULL,
	currency TEXT NOT NULL,
	since DATETIME NOT NULL,
	day DATE NOT NULL,
	rate INTEGER NOT NULL,
	noted_at DATETIME NOT NULL,
	noted_by TEXT NOT NULL,
	CONSTRAINT pk_crm_rate PRIMARY KEY (company, currency, since)
) WITHOUT ROWID;

CREATE TABLE crm_forecast_day (
	company TEXT NOT NULL,
	day DATE NOT NULL,
	taken_at DATETIME NOT NULL,
	seen_to DATETIME,
	state TEXT NOT NULL,
	after_id BLOB,
	changes INTEGER NOT NULL,
	CONSTRAINT pk_crm_forecast_day PRIMARY KEY (company, day)
) WITHOUT ROWID;

CREATE TABLE crm_forecast_entry (
	company TEXT NOT NULL,
	opportunity_id BLOB NOT NULL,
	from_day DATE NOT NULL,
	to_day DATE NOT NULL,
	pipeline_id BLOB NOT NULL,
	stage_id BLOB NOT NULL,
	state TEXT NOT NULL,
	chance INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	weighted INTEGER NOT NULL,
	currency TEXT NOT NULL,
	expected_close DATE,
	closed_at DATETIME,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_forecast_entry PRIMARY KEY (company, opportunity_id, from_day)
) WITHOUT ROWID;
CREATE INDEX ix_forecast_entry_company_state_to_day_opportunity_id ON crm_forecast_entry (company, state, to_day, opportunity_id);

CREATE TABLE crm_quota (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	measure TEXT NOT NULL,
	starts_on DATE NOT NULL,
	months INTEGER NOT NULL,
	currency TEXT NOT NULL,
	target INTEGER NOT NULL,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_quota PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_quota_company_starts_on_kind_subject_measure_months ON crm_quota (company, starts_on, kind, subject, measure, months);

CREATE TABLE crm_report_schedule (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	report TEXT NOT NULL,
	name TEXT NOT NULL,
	question TEXT NOT NULL,
	rhythm TEXT NOT NULL,
	weekday INTEGER NOT NULL,
	month_day INTEGER NOT NULL,
	minute_of_day INTEGER NOT NULL,
	recipient TEXT NOT NULL,
	language TEXT NOT NULL,
	next_at DATETIME,
	last_at DATETIME,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_report_schedule PRIMARY KEY (id)
);
CREATE INDEX ix_report_schedule_company_next_at_id ON crm_report_schedule (company, next_at, id);
CREATE INDEX ix_report_schedule_company_owner_user_id ON crm_report_schedule (company, owner_user, id);

CREATE INDEX ix_opportunity_company_updated_at_id ON crm_opportunity (company, updated_at, id);
CREATE INDEX ix_activity_figures ON crm_activity (company, kind, is_open, at, owner_user, owner_team, state, minutes);

-- What the planner goes by, as for the other indexes of these tables.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_opportunity', 'ix_opportunity_company_updated_at_id', '1000000 1000000 2 1'),
	('crm_forecast_entry', 'crm_forecast_entry', '1000000 1000000 4 1'),
	('crm_forecast_entry', 'ix_forecast_entry_company_state_to_day_opportunity_id', '1000000 1000000 300000 2000 1');
