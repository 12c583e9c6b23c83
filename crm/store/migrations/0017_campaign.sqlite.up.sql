CREATE TABLE crm_campaign (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	number INTEGER NOT NULL,
	name TEXT NOT NULL,
	channel TEXT NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	audience TEXT NOT NULL,
	sender_name TEXT NOT NULL,
	sender_address TEXT NOT NULL,
	reply_to TEXT NOT NULL,
	return_domain TEXT NOT NULL,
	signing_key TEXT NOT NULL,
	transport TEXT NOT NULL,
	language TEXT NOT NULL,
	seeds TEXT NOT NULL,
	scheduled_at DATETIME,
	started_at DATETIME,
	ended_at DATETIME,
	per_hour INTEGER NOT NULL,
	quiet_from INTEGER NOT NULL,
	quiet_to INTEGER NOT NULL,
	quiet_zone TEXT NOT NULL,
	unknown_policy TEXT NOT NULL,
	test_share INTEGER NOT NULL,
	decide_after INTEGER NOT NULL,
	winner TEXT NOT NULL,
	cost_each INTEGER NOT NULL,
	cost_fixed INTEGER NOT NULL,
	budget INTEGER NOT NULL,
	currency TEXT NOT NULL,
	standing INTEGER NOT NULL,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_campaign PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_campaign_number ON crm_campaign (number);
CREATE INDEX ix_campaign_company_state_created_at_id ON crm_campaign (company, state, created_at, id);
CREATE INDEX ix_campaign_company_created_at_id ON crm_campaign (company, created_at, id);

CREATE TABLE crm_campaign_content (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	campaign_id BLOB NOT NULL,
	variant TEXT NOT NULL,
	language TEXT NOT NULL,
	subject TEXT NOT NULL,
	design TEXT NOT NULL,
	CONSTRAINT pk_crm_campaign_content PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_campaign_content_campaign_id_variant_language ON crm_campaign_content (campaign_id, variant, language);

CREATE TABLE crm_campaign_run (
	campaign_id BLOB NOT NULL,
	company TEXT NOT NULL,
	frozen INTEGER NOT NULL,
	frozen_to BLOB,
	seen INTEGER NOT NULL,
	total INTEGER NOT NULL,
	next_test INTEGER NOT NULL,
	next_rest INTEGER NOT NULL,
	tested_at DATETIME,
	pace_at DATETIME,
	rate_at DATETIME,
	rate_sent INTEGER NOT NULL,
	rate_last_at DATETIME,
	rate_last_sent INTEGER NOT NULL,
	CONSTRAINT pk_crm_campaign_run PRIMARY KEY (campaign_id)
);

CREATE TABLE crm_campaign_count (
	campaign_id BLOB NOT NULL,
	variant TEXT NOT NULL,
	company TEXT NOT NULL,
	pending INTEGER NOT NULL,
	sending INTEGER NOT NULL,
	sent INTEGER NOT NULL,
	deferred INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	bounced INTEGER NOT NULL,
	complained INTEGER NOT NULL,
	unknown INTEGER NOT NULL,
	CONSTRAINT pk_crm_campaign_count PRIMARY KEY (campaign_id, variant)
) WITHOUT ROWID;

CREATE TABLE crm_campaign_recipient (
	campaign_id BLOB NOT NULL,
	seq INTEGER NOT NULL,
	company TEXT NOT NULL,
	party_id BLOB,
	address TEXT NOT NULL,
	name TEXT NOT NULL,
	language TEXT NOT NULL,
	country TEXT NOT NULL,
	variant TEXT NOT NULL,
	state TEXT NOT NULL,
	sent_at DATETIME,
	CONSTRAINT pk_crm_campaign_recipient PRIMARY KEY (campaign_id, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ix_campaign_recipient_campaign_id_address ON crm_campaign_recipient (campaign_id, address);
CREATE INDEX ix_campaign_recipient_party_id ON crm_campaign_recipient (party_id);

CREATE TABLE crm_campaign_chunk (
	campaign_id BLOB NOT NULL,
	part INTEGER NOT NULL,
	first_seq INTEGER NOT NULL,
	last_seq INTEGER NOT NULL,
	company TEXT NOT NULL,
	lease_owner TEXT NOT NULL,
	lease_until DATETIME NOT NULL,
	CONSTRAINT pk_crm_campaign_chunk PRIMARY KEY (campaign_id, part, first_seq)
) WITHOUT ROWID;

CREATE TABLE crm_campaign_answer (
	campaign_id BLOB NOT NULL,
	seq INTEGER NOT NULL,
	company TEXT NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	due_at DATETIME,
	lease_owner TEXT NOT NULL,
	give_up_at DATETIME,
	answered_at DATETIME NOT NULL,
	code TEXT NOT NULL,
	reason TEXT NOT NULL,
	CONSTRAINT pk_crm_campaign_answer PRIMARY KEY (campaign_id, seq)
) WITHOUT ROWID;
CREATE INDEX ix_campaign_answer_campaign_id_due_at_seq ON crm_campaign_answer (campaign_id, due_at, seq);
CREATE INDEX ix_campaign_answer_campaign_id_state_seq ON crm_campaign_answer (campaign_id, state, seq);
