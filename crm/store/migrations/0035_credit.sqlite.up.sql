-- What credit notes of the host took back of an opportunity, gross: credited of whole.
CREATE TABLE crm_deal_credit (
	opportunity_id BLOB NOT NULL,
	company TEXT NOT NULL,
	credited INTEGER NOT NULL,
	whole INTEGER NOT NULL,
	noted_at DATETIME NOT NULL,
	CONSTRAINT pk_crm_deal_credit PRIMARY KEY (opportunity_id)
);
CREATE INDEX ix_deal_credit_company_noted_at ON crm_deal_credit (company, noted_at);
