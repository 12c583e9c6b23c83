CREATE TABLE crm_topic (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	channel NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	code NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	offer NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	position INT NOT NULL,
	text_version INT NOT NULL,
	closed_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_topic PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_topic_company_code ON crm_topic (company, code);
GO
CREATE TABLE crm_topic_text (
	topic_id VARBINARY(16) NOT NULL,
	text_version INT NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(120) NOT NULL,
	description NVARCHAR(1000) NOT NULL,
	consent NVARCHAR(2000) NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	CONSTRAINT pk_crm_topic_text PRIMARY KEY (topic_id, text_version, language)
);
GO
CREATE TABLE crm_consent_text (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	body NVARCHAR(4000) NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_consent_text PRIMARY KEY (company, hash)
);
GO
CREATE TABLE crm_subscription (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	topic_id VARBINARY(16) NOT NULL,
	channel NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	address NVARCHAR(254) COLLATE Latin1_General_100_BIN2 NOT NULL,
	address_hash VARBINARY(16) NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	basis NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	source NVARCHAR(200) NOT NULL,
	confirmed_at DATETIME2(3) NULL,
	ended_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_subscription PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_subscription_company_topic_id_party_id ON crm_subscription (company, topic_id, party_id);
CREATE UNIQUE INDEX ix_subscription_company_topic_id_address_hash ON crm_subscription (company, topic_id, address_hash);
CREATE INDEX ix_subscription_company_topic_id_state_created_at_id ON crm_subscription (company, topic_id, state, created_at, id);
CREATE INDEX ix_subscription_company_party_id ON crm_subscription (company, party_id);
GO
CREATE TABLE crm_subscription_request (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	channel NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	party_id VARBINARY(16) NULL,
	address NVARCHAR(254) COLLATE Latin1_General_100_BIN2 NOT NULL,
	address_hash VARBINARY(16) NOT NULL,
	client NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	topics NVARCHAR(2000) COLLATE Latin1_General_100_BIN2 NOT NULL,
	source NVARCHAR(200) NOT NULL,
	message_id NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	confirmed_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_subscription_request PRIMARY KEY (id)
);
CREATE INDEX ix_subscription_request_company_address_hash_created_at ON crm_subscription_request (company, address_hash, created_at);
CREATE INDEX ix_subscription_request_company_client_created_at ON crm_subscription_request (company, client, created_at);
CREATE INDEX ix_subscription_request_company_created_at_id ON crm_subscription_request (company, created_at, id);
CREATE INDEX ix_subscription_request_party_id ON crm_subscription_request (party_id);
GO
CREATE TABLE crm_suppression (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	channel NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	address_hash VARBINARY(16) NOT NULL,
	reason NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	source NVARCHAR(200) NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	CONSTRAINT pk_crm_suppression PRIMARY KEY (company, channel, address_hash)
);
CREATE INDEX ix_suppression_company_reason ON crm_suppression (company, reason);
GO
CREATE TABLE crm_consent (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	topic_id VARBINARY(16) NULL,
	channel NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	address_hash VARBINARY(16) NOT NULL,
	act NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	basis NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	purpose NVARCHAR(120) NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	text_version INT NOT NULL,
	text_hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	source NVARCHAR(200) NOT NULL,
	note NVARCHAR(400) NOT NULL,
	ip NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
	message_id NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
	at DATETIME2(3) NOT NULL,
	actor_kind NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	entered_by NVARCHAR(64) NOT NULL,
	CONSTRAINT pk_crm_consent PRIMARY KEY (id)
);
CREATE INDEX ix_consent_company_party_id_id ON crm_consent (company, party_id, id);
CREATE INDEX ix_consent_company_address_hash_id ON crm_consent (company, address_hash, id);
GO
CREATE TRIGGER tr_consent_keeps ON crm_consent AFTER UPDATE, DELETE AS
BEGIN
	IF EXISTS (SELECT 1 FROM DELETED) THROW 51000, N'crm_consent is evidence: nothing in it is changed or deleted', 1;
END;
