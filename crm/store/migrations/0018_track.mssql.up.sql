CREATE TABLE crm_track_campaign (
	campaign BIGINT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	written_at DATETIME2(3) NOT NULL,
	closed INT NOT NULL,
	CONSTRAINT pk_crm_track_campaign PRIMARY KEY (campaign)
);
CREATE INDEX ix_track_campaign_company_campaign ON crm_track_campaign (company, campaign);
GO
CREATE TABLE crm_track_event (
	campaign BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	at BIGINT NOT NULL,
	nr BIGINT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	kind INT NOT NULL,
	link INT NOT NULL,
	verdict INT NOT NULL,
	flags INT NOT NULL,
	network NVARCHAR(43) COLLATE Latin1_General_100_BIN2 NOT NULL,
	agent BIGINT NOT NULL,
	CONSTRAINT pk_crm_track_event PRIMARY KEY (campaign, seq, at, nr)
);
GO
CREATE TABLE crm_track_agent (
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	id BIGINT NOT NULL,
	name NVARCHAR(300) NOT NULL,
	CONSTRAINT pk_crm_track_agent PRIMARY KEY (company, id)
);
GO
CREATE TABLE crm_track_reader (
	campaign BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	opens BIGINT NOT NULL,
	clicks BIGINT NOT NULL,
	any_opens BIGINT NOT NULL,
	any_clicks BIGINT NOT NULL,
	opened_at BIGINT NOT NULL,
	clicked_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	links BIGINT NOT NULL,
	CONSTRAINT pk_crm_track_reader PRIMARY KEY (campaign, seq)
);
GO
CREATE TABLE crm_track_count (
	campaign BIGINT NOT NULL,
	kind INT NOT NULL,
	link INT NOT NULL,
	verdict INT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	events BIGINT NOT NULL,
	readers BIGINT NOT NULL,
	CONSTRAINT pk_crm_track_count PRIMARY KEY (campaign, kind, link, verdict)
);
GO
CREATE TABLE crm_track_hour (
	campaign BIGINT NOT NULL,
	hour BIGINT NOT NULL,
	kind INT NOT NULL,
	verdict INT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	events BIGINT NOT NULL,
	readers BIGINT NOT NULL,
	CONSTRAINT pk_crm_track_hour PRIMARY KEY (campaign, hour, kind, verdict)
);
