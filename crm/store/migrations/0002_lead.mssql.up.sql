CREATE TABLE crm_lead (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	organization_id VARBINARY(16) NULL,
	organization NVARCHAR(240) NOT NULL,
	status NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
	status_reason NVARCHAR(400) NOT NULL,
	interest NVARCHAR(MAX) NOT NULL,
	expected_value BIGINT NOT NULL,
	currency NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	source NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	medium NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	campaign NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	external_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	arrived_at DATETIME2(3) NOT NULL,
	assigned_at DATETIME2(3) NULL,
	first_response_at DATETIME2(3) NULL,
	score INT NOT NULL,
	import_id VARBINARY(16) NULL,
	conversion_id VARBINARY(16) NULL,
	converted_at DATETIME2(3) NULL,
	merged_into VARBINARY(16) NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_lead PRIMARY KEY (id)
);
CREATE INDEX ix_lead_company_arrived_at_id ON crm_lead (company, arrived_at, id);
CREATE INDEX ix_lead_company_status_arrived_at_id ON crm_lead (company, status, arrived_at, id);
CREATE INDEX ix_lead_company_owner_user_arrived_at_id ON crm_lead (company, owner_user, arrived_at, id);
CREATE INDEX ix_lead_company_owner_team_arrived_at_id ON crm_lead (company, owner_team, arrived_at, id);
CREATE INDEX ix_lead_company_source_arrived_at_id ON crm_lead (company, source, arrived_at, id);
CREATE INDEX ix_lead_company_campaign_arrived_at_id ON crm_lead (company, campaign, arrived_at, id);
CREATE INDEX ix_lead_company_score_id ON crm_lead (company, score, id);
CREATE INDEX ix_lead_party_id_company ON crm_lead (party_id, company);
CREATE INDEX ix_lead_organization_id_company ON crm_lead (organization_id, company);
CREATE INDEX ix_lead_import_id_company_id ON crm_lead (import_id, company, id);
CREATE INDEX ix_lead_company_external_id ON crm_lead (company, external_id);
CREATE INDEX ix_lead_merged_into_company ON crm_lead (merged_into, company);
GO
CREATE TABLE crm_touch (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	lead_id VARBINARY(16) NOT NULL,
	at DATETIME2(3) NOT NULL,
	channel NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	source NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	medium NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	campaign NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	term NVARCHAR(120) NOT NULL,
	content NVARCHAR(120) NOT NULL,
	click_id NVARCHAR(160) NOT NULL,
	referrer NVARCHAR(400) NOT NULL,
	page NVARCHAR(400) NOT NULL,
	consent NVARCHAR(1000) NOT NULL,
	CONSTRAINT pk_crm_touch PRIMARY KEY (id)
);
CREATE INDEX ix_touch_lead_id_at ON crm_touch (lead_id, at);
CREATE INDEX ix_touch_party_id_at ON crm_touch (party_id, at);
GO
CREATE TABLE crm_capture_lock (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	stripe INT NOT NULL,
	taken BIGINT NOT NULL,
	CONSTRAINT pk_crm_capture_lock PRIMARY KEY (company, stripe)
);
GO
CREATE TABLE crm_import (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	file_name NVARCHAR(200) NOT NULL,
	file_hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	format NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	encoding NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	mapping NVARCHAR(MAX) NOT NULL,
	state NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	rows_read BIGINT NOT NULL,
	rows_taken BIGINT NOT NULL,
	rows_merged BIGINT NOT NULL,
	rows_skipped BIGINT NOT NULL,
	rows_bad BIGINT NOT NULL,
	next_row BIGINT NOT NULL,
	finished_at DATETIME2(3) NULL,
	undone_at DATETIME2(3) NULL,
	failure NVARCHAR(1000) NOT NULL,
	CONSTRAINT pk_crm_import PRIMARY KEY (id)
);
CREATE INDEX ix_import_company_created_at_id ON crm_import (company, created_at, id);
CREATE INDEX ix_import_company_file_hash ON crm_import (company, file_hash);
GO
CREATE TABLE crm_import_fault (
	import_id VARBINARY(16) NOT NULL,
	line BIGINT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	column_no INT NOT NULL,
	column_name NVARCHAR(120) NOT NULL,
	reason NVARCHAR(400) NOT NULL,
	cells NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_import_fault PRIMARY KEY (import_id, line)
);
GO
CREATE TABLE crm_import_mapping (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	fingerprint NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	mapping NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_import_mapping PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_import_mapping_company_fingerprint ON crm_import_mapping (company, fingerprint);
