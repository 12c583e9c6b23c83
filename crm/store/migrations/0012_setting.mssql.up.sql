CREATE TABLE crm_saved_view (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	page NVARCHAR(30) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(120) NOT NULL,
	query NVARCHAR(2048) NOT NULL,
	columns NVARCHAR(1000) NOT NULL,
	sort NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	shared NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	position INT NOT NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_saved_view PRIMARY KEY (id)
);
CREATE INDEX ix_saved_view_company_page_owner_user ON crm_saved_view (company, page, owner_user);
CREATE INDEX ix_saved_view_company_page_shared_owner_team ON crm_saved_view (company, page, shared, owner_team);
CREATE INDEX ix_saved_view_company_owner_user ON crm_saved_view (company, owner_user);
GO
CREATE TABLE crm_preference (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	settings NVARCHAR(MAX) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_preference PRIMARY KEY (company, user_id)
);
GO
CREATE TABLE crm_choice_list (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	list NVARCHAR(30) COLLATE Latin1_General_100_BIN2 NOT NULL,
	choices NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_choice_list PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_choice_list_company_list ON crm_choice_list (company, list);
GO
CREATE TABLE crm_company_text (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	name NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	body NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_company_text PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_company_text_company_name_language ON crm_company_text (company, name, language);
GO
CREATE TABLE crm_user_right (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(120) NOT NULL,
	role NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	rights NVARCHAR(2000) NOT NULL,
	visibility NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	teams NVARCHAR(2000) NOT NULL,
	disabled_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_user_right PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_user_right_company_user_id ON crm_user_right (company, user_id);
GO
CREATE TABLE crm_notice (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	event_id VARBINARY(16) NOT NULL,
	kind NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_kind NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NOT NULL,
	actor_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	actor_name NVARCHAR(120) NOT NULL,
	parameters NVARCHAR(2000) NOT NULL,
	at DATETIME2(3) NOT NULL,
	read_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_notice PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_notice_event_id_user_id_kind ON crm_notice (event_id, user_id, kind);
CREATE INDEX ix_notice_company_user_id_at_id ON crm_notice (company, user_id, at, id);
CREATE INDEX ix_notice_company_user_id_read_at_at_id ON crm_notice (company, user_id, read_at, at, id);
CREATE INDEX ix_notice_company_read_at_at ON crm_notice (company, read_at, at);
GO
CREATE TABLE crm_read_log (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NOT NULL,
	day DATE NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_kind NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	last_at DATETIME2(3) NOT NULL,
	times INT NOT NULL,
	CONSTRAINT pk_crm_read_log PRIMARY KEY (company, record_id, day, user_id)
);
CREATE INDEX ix_read_log_company_user_id_day ON crm_read_log (company, user_id, day, record_id);
CREATE INDEX ix_read_log_company_day ON crm_read_log (company, day);
GO
ALTER TABLE crm_attachment ADD name_key NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_attachment_name_key DEFAULT N'';
GO
UPDATE crm_attachment SET name_key = LOWER(name);
CREATE INDEX ix_attachment_company_id ON crm_attachment (company, id);
CREATE INDEX ix_attachment_company_name_key_id ON crm_attachment (company, name_key, id);
CREATE INDEX ix_activity_company_owner_team_is_open_at_id ON crm_activity (company, owner_team, is_open, at, id);
CREATE INDEX ix_party_company_owner_user_sort_key_id ON crm_party (company, owner_user, sort_key, id);
CREATE INDEX ix_party_company_owner_team_sort_key_id ON crm_party (company, owner_team, sort_key, id);
CREATE INDEX ix_opportunity_company_owner_user_state_expected_close_id ON crm_opportunity (company, owner_user, state, expected_close, id);
