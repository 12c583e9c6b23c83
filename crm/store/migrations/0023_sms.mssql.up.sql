CREATE TABLE crm_sms_run (
	campaign_id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	priced_to BIGINT NOT NULL,
	estimate NVARCHAR(MAX) NOT NULL,
	expected BIGINT NOT NULL,
	spent BIGINT NOT NULL,
	parts BIGINT NOT NULL,
	delivered BIGINT NOT NULL,
	undelivered BIGINT NOT NULL,
	lost BIGINT NOT NULL,
	CONSTRAINT pk_crm_sms_run PRIMARY KEY (campaign_id)
);
GO
CREATE TABLE crm_sms_message (
	campaign_id VARBINARY(16) NOT NULL,
	seq INT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	gateway_id NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
	parts INT NOT NULL,
	cost BIGINT NOT NULL,
	state NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reported_at DATETIME2(3) NULL,
	reason NVARCHAR(200) NOT NULL,
	CONSTRAINT pk_crm_sms_message PRIMARY KEY (campaign_id, seq)
);
CREATE INDEX ix_sms_message_company_gateway_id ON crm_sms_message (company, gateway_id);
