CREATE TABLE crm_pipeline (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	name TEXT NOT NULL,
	position INTEGER NOT NULL,
	currency TEXT NOT NULL,
	archived_at DATETIME,
	CONSTRAINT pk_crm_pipeline PRIMARY KEY (id)
);
CREATE INDEX ix_pipeline_company_position_id ON crm_pipeline (company, position, id);

CREATE TABLE crm_stage (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	pipeline_id BLOB NOT NULL,
	name TEXT NOT NULL,
	position INTEGER NOT NULL,
	kind TEXT NOT NULL,
	chance INTEGER NOT NULL,
	required_fields TEXT NOT NULL,
	required_activities TEXT NOT NULL,
	limit_hours INTEGER NOT NULL,
	archived_at DATETIME,
	CONSTRAINT pk_crm_stage PRIMARY KEY (id)
);
CREATE INDEX ix_stage_pipeline_id_position ON crm_stage (pipeline_id, position);

CREATE TABLE crm_opportunity (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	party_id BLOB NOT NULL,
	contact_id BLOB,
	pipeline_id BLOB NOT NULL,
	stage_id BLOB NOT NULL,
	state TEXT NOT NULL,
	name TEXT NOT NULL,
	goal TEXT NOT NULL,
	chance INTEGER NOT NULL,
	chance_manual INTEGER NOT NULL,
	expected_revenue INTEGER NOT NULL,
	revenue_manual INTEGER NOT NULL,
	weighted INTEGER NOT NULL,
	currency TEXT NOT NULL,
	expected_close DATE,
	stage_since DATETIME NOT NULL,
	next_step_at DATETIME,
	source TEXT NOT NULL,
	campaign TEXT NOT NULL,
	lead_id BLOB,
	lost_reason TEXT NOT NULL,
	lost_to TEXT NOT NULL,
	lesson TEXT NOT NULL,
	closed_at DATETIME,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_opportunity PRIMARY KEY (id)
);
CREATE INDEX ix_opportunity_totals ON crm_opportunity (company, state, pipeline_id, stage_id, currency, expected_revenue, weighted, owner_user, owner_team, id);
CREATE INDEX ix_opportunity_company_pipeline_id_stage_id_state_stage_since_id ON crm_opportunity (company, pipeline_id, stage_id, state, stage_since, id);
CREATE INDEX ix_opportunity_company_state_expected_close_id ON crm_opportunity (company, state, expected_close, id);
CREATE INDEX ix_opportunity_company_state_expected_revenue_id ON crm_opportunity (company, state, expected_revenue, id);
CREATE INDEX ix_opportunity_company_owner_user_state_id ON crm_opportunity (company, owner_user, state, id);
CREATE INDEX ix_opportunity_company_created_at_id ON crm_opportunity (company, created_at, id);
CREATE INDEX ix_opportunity_company_closed_at_id ON crm_opportunity (company, closed_at, id);
CREATE INDEX ix_opportunity_party_id ON crm_opportunity (party_id);
CREATE INDEX ix_opportunity_lead_id ON crm_opportunity (lead_id);

CREATE TABLE crm_opportunity_line (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	opportunity_id BLOB NOT NULL,
	position INTEGER NOT NULL,
	product_key TEXT NOT NULL,
	product_group TEXT NOT NULL,
	name TEXT NOT NULL,
	quantity INTEGER NOT NULL,
	unit TEXT NOT NULL,
	unit_price INTEGER NOT NULL,
	discount INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	CONSTRAINT pk_crm_opportunity_line PRIMARY KEY (id)
);
CREATE INDEX ix_opportunity_line_opportunity_id_position ON crm_opportunity_line (opportunity_id, position);

CREATE TABLE crm_opportunity_seller (
	opportunity_id BLOB NOT NULL,
	user_id TEXT NOT NULL,
	company TEXT NOT NULL,
	role TEXT NOT NULL,
	share INTEGER NOT NULL,
	CONSTRAINT pk_crm_opportunity_seller PRIMARY KEY (opportunity_id, user_id)
) WITHOUT ROWID;
CREATE INDEX ix_opportunity_seller_company_user_id ON crm_opportunity_seller (company, user_id);

CREATE TABLE crm_competitor (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	opportunity_id BLOB NOT NULL,
	name TEXT NOT NULL,
	strengths TEXT NOT NULL,
	weaknesses TEXT NOT NULL,
	price INTEGER NOT NULL,
	won INTEGER NOT NULL,
	CONSTRAINT pk_crm_competitor PRIMARY KEY (id)
);
CREATE INDEX ix_competitor_opportunity_id ON crm_competitor (opportunity_id);
CREATE INDEX ix_competitor_company_name ON crm_competitor (company, name);

CREATE TABLE crm_stage_move (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	opportunity_id BLOB NOT NULL,
	from_stage BLOB,
	to_stage BLOB NOT NULL,
	moved_by TEXT NOT NULL,
	moved_at DATETIME NOT NULL,
	seconds INTEGER NOT NULL,
	from_chance INTEGER NOT NULL,
	to_chance INTEGER NOT NULL,
	CONSTRAINT pk_crm_stage_move PRIMARY KEY (id)
);
CREATE INDEX ix_stage_move_opportunity_id_moved_at ON crm_stage_move (opportunity_id, moved_at);
CREATE INDEX ix_stage_move_company_moved_at_id ON crm_stage_move (company, moved_at, id);

CREATE TABLE crm_comment (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	opportunity_id BLOB NOT NULL,
	body TEXT NOT NULL,
	mentions TEXT NOT NULL,
	CONSTRAINT pk_crm_comment PRIMARY KEY (id)
);
CREATE INDEX ix_comment_opportunity_id_created_at_id ON crm_comment (opportunity_id, created_at, id);
