-- What the contents of campaigns were before: each is kept for a while after it was changed.
CREATE TABLE crm_campaign_edition (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	campaign_id BLOB NOT NULL,
	begun_at DATETIME NOT NULL,
	saved_at DATETIME NOT NULL,
	saved_by TEXT NOT NULL,
	variant TEXT NOT NULL,
	language TEXT NOT NULL,
	subject TEXT NOT NULL,
	design TEXT NOT NULL,
	CONSTRAINT pk_crm_campaign_edition PRIMARY KEY (id)
);
CREATE INDEX ix_campaign_edition_campaign_id_begun_at ON crm_campaign_edition (campaign_id, begun_at);
