-- What credit notes of the host took back of an opportunity, gross: credited of whole.
CREATE TABLE crm_deal_credit (
	opportunity_id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	credited BIGINT NOT NULL,
	whole BIGINT NOT NULL,
	noted_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_deal_credit PRIMARY KEY (opportunity_id)
);
CREATE INDEX ix_deal_credit_company_noted_at ON crm_deal_credit (company, noted_at);
