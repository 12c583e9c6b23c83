-- What the contents of campaigns were before: each is kept for a while after it was changed.
CREATE TABLE crm_campaign_edition (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	campaign_id VARBINARY(16) NOT NULL,
	begun_at DATETIME2(3) NOT NULL,
	saved_at DATETIME2(3) NOT NULL,
	saved_by NVARCHAR(64) NOT NULL,
	variant NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
	language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL,
	subject NVARCHAR(400) NOT NULL,
	design NVARCHAR(MAX) NOT NULL,
	CONSTRAINT pk_crm_campaign_edition PRIMARY KEY (id)
);
CREATE INDEX ix_campaign_edition_campaign_id_begun_at ON crm_campaign_edition (campaign_id, begun_at);
