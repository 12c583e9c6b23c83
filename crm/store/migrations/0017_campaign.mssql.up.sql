CREATE TABLE crm_campaign (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	number BIGINT NOT NULL,
	name NVARCHAR(200) NOT NULL,
	channel NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	audience NVARCHAR(MAX) NOT NULL,
	sender_name NVARCHAR(120) NOT NULL,
	sender_address NVARCHAR(254) NOT NULL,
	reply_to NVARCHAR(254) NOT NULL,
	return_domain NVARCHAR(253) COLLATE Latin1_General_100_BIN2 NOT NULL,
	signing_key NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	transport NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	seeds NVARCHAR(MAX) NOT NULL,
	scheduled_at DATETIME2(3) NULL,
	started_at DATETIME2(3) NULL,
	ended_at DATETIME2(3) NULL,
	per_hour INT NOT NULL,
	quiet_from INT NOT NULL,
	quiet_to INT NOT NULL,
	quiet_zone NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	unknown_policy NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	test_share INT NOT NULL,
	decide_after INT NOT NULL,
	winner NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	cost_each BIGINT NOT NULL,
	cost_fixed BIGINT NOT NULL,
	budget BIGINT NOT NULL,
	currency NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	standing BIT NOT NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_campaign PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_campaign_number ON crm_campaign (number);
CREATE INDEX ix_campaign_company_state_created_at_id ON crm_campaign (company, state, created_at, id);
CREATE INDEX ix_campaign_company_created_at_id ON crm_campaign (company, created_at, id);
GO
CREATE TABLE crm_campaign_content (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	campaign_id VARBINARY(16) NOT NULL,
	variant NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	subject NVARCHAR(400) NOT NULL,
	design NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_campaign_content PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_campaign_content_campaign_id_variant_language ON crm_campaign_content (campaign_id, variant, language);
GO
CREATE TABLE crm_campaign_run (
	campaign_id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	frozen INT NOT NULL,
	frozen_to VARBINARY(16) NULL,
	seen BIGINT NOT NULL,
	total BIGINT NOT NULL,
	next_test BIGINT NOT NULL,
	next_rest BIGINT NOT NULL,
	tested_at DATETIME2(3) NULL,
	pace_at DATETIME2(3) NULL,
	rate_at DATETIME2(3) NULL,
	rate_sent BIGINT NOT NULL,
	rate_last_at DATETIME2(3) NULL,
	rate_last_sent BIGINT NOT NULL,
	CONSTRAINT pk_crm_campaign_run PRIMARY KEY (campaign_id)
);
GO
CREATE TABLE crm_campaign_count (
	campaign_id VARBINARY(16) NOT NULL,
	variant NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	pending BIGINT NOT NULL,
	sending BIGINT NOT NULL,
	sent BIGINT NOT NULL,
	deferred BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	bounced BIGINT NOT NULL,
	complained BIGINT NOT NULL,
	unknown BIGINT NOT NULL,
	CONSTRAINT pk_crm_campaign_count PRIMARY KEY (campaign_id, variant)
);
GO
CREATE TABLE crm_campaign_recipient (
	campaign_id VARBINARY(16) NOT NULL,
	seq INT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	party_id VARBINARY(16) NULL,
	address NVARCHAR(254) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(120) NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	country NVARCHAR(2) COLLATE Latin1_General_100_BIN2 NOT NULL,
	variant NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	sent_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_campaign_recipient PRIMARY KEY (campaign_id, seq)
);
CREATE UNIQUE INDEX ix_campaign_recipient_campaign_id_address ON crm_campaign_recipient (campaign_id, address);
CREATE INDEX ix_campaign_recipient_party_id ON crm_campaign_recipient (party_id);
GO
CREATE TABLE crm_campaign_chunk (
	campaign_id VARBINARY(16) NOT NULL,
	part INT NOT NULL,
	first_seq INT NOT NULL,
	last_seq INT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	lease_owner NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	lease_until DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_campaign_chunk PRIMARY KEY (campaign_id, part, first_seq)
);
GO
CREATE TABLE crm_campaign_answer (
	campaign_id VARBINARY(16) NOT NULL,
	seq INT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	attempts INT NOT NULL,
	due_at DATETIME2(3) NULL,
	lease_owner NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	give_up_at DATETIME2(3) NULL,
	answered_at DATETIME2(3) NOT NULL,
	code NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason NVARCHAR(500) NOT NULL,
	CONSTRAINT pk_crm_campaign_answer PRIMARY KEY (campaign_id, seq)
);
CREATE INDEX ix_campaign_answer_campaign_id_due_at_seq ON crm_campaign_answer (campaign_id, due_at, seq);
CREATE INDEX ix_campaign_answer_campaign_id_state_seq ON crm_campaign_answer (campaign_id, state, seq);
