CREATE TABLE crm_party (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	kind NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(240) NOT NULL,
	sort_key VARBINARY(120) NOT NULL,
	title NVARCHAR(40) NOT NULL,
	given NVARCHAR(80) NOT NULL,
	middle NVARCHAR(80) NOT NULL,
	patronymic NVARCHAR(80) NOT NULL,
	particle NVARCHAR(40) NOT NULL,
	family NVARCHAR(120) NOT NULL,
	suffix NVARCHAR(40) NOT NULL,
	gender NVARCHAR(1) COLLATE Latin1_General_100_BIN2 NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	birth_date DATE NULL,
	email NVARCHAR(254) NOT NULL,
	phone NVARCHAR(40) NOT NULL,
	mobile NVARCHAR(40) NOT NULL,
	website NVARCHAR(200) NOT NULL,
	job_title NVARCHAR(120) NOT NULL,
	tax_id NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	line1 NVARCHAR(120) NOT NULL,
	line2 NVARCHAR(120) NOT NULL,
	postal_code NVARCHAR(20) NOT NULL,
	city NVARCHAR(80) NOT NULL,
	region NVARCHAR(80) NOT NULL,
	country NVARCHAR(2) COLLATE Latin1_General_100_BIN2 NOT NULL,
	employer_id VARBINARY(16) NULL,
	merged_into VARBINARY(16) NULL,
	erased_at DATETIME2(3) NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_party PRIMARY KEY (id)
);
CREATE INDEX ix_party_company_sort_key_id ON crm_party (company, sort_key, id);
CREATE INDEX ix_party_employer_id ON crm_party (employer_id);
CREATE INDEX ix_party_merged_into ON crm_party (merged_into);
GO
CREATE TABLE crm_role (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	role NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	host_key NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	conversion_id VARBINARY(16) NULL,
	created_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_role PRIMARY KEY (company, role, host_key)
);
CREATE INDEX ix_role_party_id ON crm_role (party_id);
GO
CREATE TABLE crm_party_point (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	kind NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	value NVARCHAR(254) NOT NULL,
	label NVARCHAR(60) NOT NULL,
	CONSTRAINT pk_crm_party_point PRIMARY KEY (id)
);
CREATE INDEX ix_party_point_party_id ON crm_party_point (party_id);
GO
CREATE TABLE crm_party_key (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	kind NVARCHAR(6) COLLATE Latin1_General_100_BIN2 NOT NULL,
	value NVARCHAR(254) COLLATE Latin1_General_100_BIN2 NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	CONSTRAINT pk_crm_party_key PRIMARY KEY (company, kind, value, party_id)
);
GO
CREATE TABLE crm_party_share (
	party_id VARBINARY(16) NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_party_share PRIMARY KEY (party_id, user_id)
);
CREATE INDEX ix_party_share_company_user_id ON crm_party_share (company, user_id);
GO
CREATE TABLE crm_merge (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	kind NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	survivor_id VARBINARY(16) NOT NULL,
	loser_id VARBINARY(16) NOT NULL,
	manifest NVARCHAR(MAX) NOT NULL,
	undone_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_merge PRIMARY KEY (id)
);
CREATE INDEX ix_merge_survivor_id ON crm_merge (survivor_id);
CREATE INDEX ix_merge_loser_id ON crm_merge (loser_id);
GO
CREATE TABLE crm_audit (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	at DATETIME2(3) NOT NULL,
	actor_kind NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	user_name NVARCHAR(120) NOT NULL,
	action NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_kind NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NULL,
	record_version BIGINT NOT NULL,
	changes NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_audit PRIMARY KEY (id)
);
CREATE INDEX ix_audit_company_at_id ON crm_audit (company, at, id);
CREATE INDEX ix_audit_record_id_record_version ON crm_audit (record_id, record_version);
GO
CREATE TABLE crm_event (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	kind NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	record_id VARBINARY(16) NOT NULL,
	record_version BIGINT NOT NULL,
	at DATETIME2(3) NOT NULL,
	by_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	payload NVARCHAR(MAX) NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	attempts INT NOT NULL,
	due_at DATETIME2(3) NOT NULL,
	lease_until DATETIME2(3) NULL,
	lease_owner NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	failure NVARCHAR(1000) NOT NULL,
	CONSTRAINT pk_crm_event PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_event_record_id_record_version_kind ON crm_event (record_id, record_version, kind);
CREATE INDEX ix_event_state_due_at_id ON crm_event (state, due_at, id);
CREATE INDEX ix_event_company_at_id ON crm_event (company, at, id);
GO
CREATE TABLE crm_event_done (
	event_id VARBINARY(16) NOT NULL,
	handler NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_event_done PRIMARY KEY (event_id, handler)
);
GO
CREATE TABLE crm_request (
	request_key NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	kind NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	payload NVARCHAR(MAX) NOT NULL CONSTRAINT df_request_payload DEFAULT '{}',
	requested_by NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_request_requested_by DEFAULT '',
	requested_at DATETIME2(3) NOT NULL CONSTRAINT df_request_requested_at DEFAULT SYSUTCDATETIME(),
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_request_state DEFAULT 'new',
	attempts INT NOT NULL CONSTRAINT df_request_attempts DEFAULT 0,
	due_at DATETIME2(3) NULL,
	lease_until DATETIME2(3) NULL,
	lease_owner NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_request_lease_owner DEFAULT '',
	CONSTRAINT pk_crm_request PRIMARY KEY (request_key)
);
CREATE INDEX ix_request_state_due_at_request_key ON crm_request (state, due_at, request_key);
GO
CREATE TABLE crm_result (
	request_key NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	result NVARCHAR(MAX) NOT NULL,
	failure NVARCHAR(MAX) NOT NULL,
	finished_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_result PRIMARY KEY (request_key)
);
GO
CREATE TABLE crm_series (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	year INT NOT NULL,
	last_number BIGINT NOT NULL,
	CONSTRAINT pk_crm_series PRIMARY KEY (company, name, year)
);
GO
CREATE TABLE crm_blob (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	size BIGINT NOT NULL,
	content VARBINARY(MAX) NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_blob PRIMARY KEY (company, hash)
);
GO
CREATE TABLE crm_custom_field (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	record_kind NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	label NVARCHAR(120) NOT NULL,
	field_type NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	personal BIT NOT NULL,
	removed_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_custom_field PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_custom_field_company_record_kind_name_id ON crm_custom_field (company, record_kind, name, id);
GO
CREATE TABLE crm_custom_value (
	record_id VARBINARY(16) NOT NULL,
	field_id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	text_value NVARCHAR(1000) NOT NULL,
	number_value BIGINT NOT NULL,
	time_value DATETIME2(3) NULL,
	CONSTRAINT pk_crm_custom_value PRIMARY KEY (record_id, field_id)
);
CREATE INDEX ix_custom_value_field_id_number_value ON crm_custom_value (field_id, number_value);
CREATE INDEX ix_custom_value_field_id_time_value ON crm_custom_value (field_id, time_value);
