CREATE TABLE crm_rate (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	currency NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	since DATETIME2(3) NOT NULL,
	day DATE NOT NULL,
	rate BIGINT NOT NULL,
	noted_at DATETIME2(3) NOT NULL,
	noted_by NVARCHAR(64) NOT NULL,
	CONSTRAINT pk_crm_rate PRIMARY KEY (company, currency, since)
);
GO
CREATE TABLE crm_forecast_day (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	day DATE NOT NULL,
	taken_at DATETIME2(3) NOT NULL,
	seen_to DATETIME2(3) NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	after_id VARBINARY(16) NULL,
	changes BIGINT NOT NULL,
	CONSTRAINT pk_crm_forecast_day PRIMARY KEY (company, day)
);
GO
CREATE TABLE crm_forecast_entry (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	opportunity_id VARBINARY(16) NOT NULL,
	from_day DATE NOT NULL,
	to_day DATE NOT NULL,
	pipeline_id VARBINARY(16) NOT NULL,
	stage_id VARBINARY(16) NOT NULL,
	state NVARCHAR(4) COLLATE Latin1_General_100_BIN2 NOT NULL,
	chance BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	weighted BIGINT NOT NULL,
	currency NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	expected_close DATE NULL,
	closed_at DATETIME2(3) NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_forecast_entry PRIMARY KEY (company, opportunity_id, from_day)
);
CREATE INDEX ix_forecast_entry_company_state_to_day_opportunity_id ON crm_forecast_entry (company, state, to_day, opportunity_id);
GO
CREATE TABLE crm_quota (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	kind NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	subject NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	measure NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	starts_on DATE NOT NULL,
	months BIGINT NOT NULL,
	currency NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	target BIGINT NOT NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_quota PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_quota_company_starts_on_kind_subject_measure_months ON crm_quota (company, starts_on, kind, subject, measure, months);
GO
CREATE TABLE crm_report_schedule (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	report NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(120) NOT NULL,
	question NVARCHAR(1000) NOT NULL,
	rhythm NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	weekday BIGINT NOT NULL,
	month_day BIGINT NOT NULL,
	minute_of_day BIGINT NOT NULL,
	recipient NVARCHAR(254) NOT NULL,
	language NVARCHAR(2) COLLATE Latin1_General_100_BIN2 NOT NULL,
	next_at DATETIME2(3) NULL,
	last_at DATETIME2(3) NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_report_schedule PRIMARY KEY (id)
);
CREATE INDEX ix_report_schedule_company_next_at_id ON crm_report_schedule (company, next_at, id);
CREATE INDEX ix_report_schedule_company_owner_user_id ON crm_report_schedule (company, owner_user, id);
GO
CREATE INDEX ix_opportunity_company_updated_at_id ON crm_opportunity (company, updated_at, id);
CREATE INDEX ix_activity_figures ON crm_activity (company, kind, is_open, at, owner_user, owner_team, state, minutes);
