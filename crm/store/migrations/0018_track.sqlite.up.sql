CREATE TABLE crm_track_campaign (
	campaign INTEGER NOT NULL,
	company TEXT NOT NULL,
	written_at DATETIME NOT NULL,
	closed INTEGER NOT NULL,
	CONSTRAINT pk_crm_track_campaign PRIMARY KEY (campaign)
);
CREATE INDEX ix_track_campaign_company_campaign ON crm_track_campaign (company, campaign);

CREATE TABLE crm_track_event (
	campaign INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	at INTEGER NOT NULL,
	nr INTEGER NOT NULL,
	company TEXT NOT NULL,
	kind INTEGER NOT NULL,
	link INTEGER NOT NULL,
	verdict INTEGER NOT NULL,
	flags INTEGER NOT NULL,
	network TEXT NOT NULL,
	agent INTEGER NOT NULL,
	CONSTRAINT pk_crm_track_event PRIMARY KEY (campaign, seq, at, nr)
) WITHOUT ROWID;

CREATE TABLE crm_track_agent (
	company TEXT NOT NULL,
	id INTEGER NOT NULL,
	name TEXT NOT NULL,
	CONSTRAINT pk_crm_track_agent PRIMARY KEY (company, id)
) WITHOUT ROWID;

CREATE TABLE crm_track_reader (
	campaign INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	company TEXT NOT NULL,
	opens INTEGER NOT NULL,
	clicks INTEGER NOT NULL,
	any_opens INTEGER NOT NULL,
	any_clicks INTEGER NOT NULL,
	opened_at INTEGER NOT NULL,
	clicked_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	links INTEGER NOT NULL,
	CONSTRAINT pk_crm_track_reader PRIMARY KEY (campaign, seq)
) WITHOUT ROWID;

CREATE TABLE crm_track_count (
	campaign INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	link INTEGER NOT NULL,
	verdict INTEGER NOT NULL,
	company TEXT NOT NULL,
	events INTEGER NOT NULL,
	readers INTEGER NOT NULL,
	CONSTRAINT pk_crm_track_count PRIMARY KEY (campaign, kind, link, verdict)
) WITHOUT ROWID;

CREATE TABLE crm_track_hour (
	campaign INTEGER NOT NULL,
	hour INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	verdict INTEGER NOT NULL,
	company TEXT NOT NULL,
	events INTEGER NOT NULL,
	readers INTEGER NOT NULL,
	CONSTRAINT pk_crm_track_hour PRIMARY KEY (campaign, hour, kind, verdict)
) WITHOUT ROWID;
