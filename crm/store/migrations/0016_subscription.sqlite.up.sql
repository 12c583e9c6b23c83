CREATE TABLE crm_topic (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	channel TEXT NOT NULL,
	code TEXT NOT NULL,
	offer TEXT NOT NULL,
	position INTEGER NOT NULL,
	text_version INTEGER NOT NULL,
	closed_at DATETIME,
	CONSTRAINT pk_crm_topic PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_topic_company_code ON crm_topic (company, code);

CREATE TABLE crm_topic_text (
	topic_id BLOB NOT NULL,
	text_version INTEGER NOT NULL,
	language TEXT NOT NULL,
	company TEXT NOT NULL,
	name TEXT NOT NULL,
	description TEXT NOT NULL,
	consent TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	CONSTRAINT pk_crm_topic_text PRIMARY KEY (topic_id, text_version, language)
) WITHOUT ROWID;

CREATE TABLE crm_consent_text (
	company TEXT NOT NULL,
	hash TEXT NOT NULL,
	language TEXT NOT NULL,
	body TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_consent_text PRIMARY KEY (company, hash)
) WITHOUT ROWID;

CREATE TABLE crm_subscription (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	topic_id BLOB NOT NULL,
	channel TEXT NOT NULL,
	party_id BLOB NOT NULL,
	address TEXT NOT NULL,
	address_hash BLOB NOT NULL,
	language TEXT NOT NULL,
	state TEXT NOT NULL,
	basis TEXT NOT NULL,
	source TEXT NOT NULL,
	confirmed_at DATETIME,
	ended_at DATETIME,
	CONSTRAINT pk_crm_subscription PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_subscription_company_topic_id_party_id ON crm_subscription (company, topic_id, party_id);
CREATE UNIQUE INDEX ix_subscription_company_topic_id_address_hash ON crm_subscription (company, topic_id, address_hash);
CREATE INDEX ix_subscription_company_topic_id_state_created_at_id ON crm_subscription (company, topic_id, state, created_at, id);
CREATE INDEX ix_subscription_company_party_id ON crm_subscription (company, party_id);

CREATE TABLE crm_subscription_request (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	channel TEXT NOT NULL,
	party_id BLOB,
	address TEXT NOT NULL,
	address_hash BLOB NOT NULL,
	client TEXT NOT NULL,
	language TEXT NOT NULL,
	topics TEXT NOT NULL,
	source TEXT NOT NULL,
	message_id TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	confirmed_at DATETIME,
	CONSTRAINT pk_crm_subscription_request PRIMARY KEY (id)
);
CREATE INDEX ix_subscription_request_company_address_hash_created_at ON crm_subscription_request (company, address_hash, created_at);
CREATE INDEX ix_subscription_request_company_client_created_at ON crm_subscription_request (company, client, created_at);
CREATE INDEX ix_subscription_request_company_created_at_id ON crm_subscription_request (company, created_at, id);
CREATE INDEX ix_subscription_request_party_id ON crm_subscription_request (party_id);

CREATE TABLE crm_suppression (
	company TEXT NOT NULL,
	channel TEXT NOT NULL,
	address_hash BLOB NOT NULL,
	reason TEXT NOT NULL,
	source TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	CONSTRAINT pk_crm_suppression PRIMARY KEY (company, channel, address_hash)
) WITHOUT ROWID;
CREATE INDEX ix_suppression_company_reason ON crm_suppression (company, reason);

CREATE TABLE crm_consent (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	party_id BLOB NOT NULL,
	topic_id BLOB,
	channel TEXT NOT NULL,
	address_hash BLOB NOT NULL,
	act TEXT NOT NULL,
	basis TEXT NOT NULL,
	purpose TEXT NOT NULL,
	language TEXT NOT NULL,
	text_version INTEGER NOT NULL,
	text_hash TEXT NOT NULL,
	source TEXT NOT NULL,
	note TEXT NOT NULL,
	ip TEXT NOT NULL,
	message_id TEXT NOT NULL,
	at DATETIME NOT NULL,
	actor_kind TEXT NOT NULL,
	entered_by TEXT NOT NULL,
	CONSTRAINT pk_crm_consent PRIMARY KEY (id)
);
CREATE INDEX ix_consent_company_party_id_id ON crm_consent (company, party_id, id);
CREATE INDEX ix_consent_company_address_hash_id ON crm_consent (company, address_hash, id);

CREATE TRIGGER tr_consent_keeps BEFORE UPDATE ON crm_consent BEGIN SELECT RAISE(ABORT, 'crm_consent is evidence: nothing in it is changed'); END;
CREATE TRIGGER tr_consent_stays BEFORE DELETE ON crm_consent BEGIN SELECT RAISE(ABORT, 'crm_consent is evidence: nothing in it is deleted'); END;
