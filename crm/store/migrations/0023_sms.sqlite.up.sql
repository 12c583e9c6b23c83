CREATE TABLE crm_sms_run (
	campaign_id BLOB NOT NULL,
	company TEXT NOT NULL,
	priced_to INTEGER NOT NULL,
	estimate TEXT NOT NULL,
	expected INTEGER NOT NULL,
	spent INTEGER NOT NULL,
	parts INTEGER NOT NULL,
	delivered INTEGER NOT NULL,
	undelivered INTEGER NOT NULL,
	lost INTEGER NOT NULL,
	CONSTRAINT pk_crm_sms_run PRIMARY KEY (campaign_id)
) WITHOUT ROWID;

CREATE TABLE crm_sms_message (
	campaign_id BLOB NOT NULL,
	seq INTEGER NOT NULL,
	company TEXT NOT NULL,
	gateway_id TEXT NOT NULL,
	parts INTEGER NOT NULL,
	cost INTEGER NOT NULL,
	state TEXT NOT NULL,
	reported_at DATETIME,
	reason TEXT NOT NULL,
	CONSTRAINT pk_crm_sms_message PRIMARY KEY (campaign_id, seq)
) WITHOUT ROWID;
CREATE INDEX ix_sms_message_company_gateway_id ON crm_sms_message (company, gateway_id);
