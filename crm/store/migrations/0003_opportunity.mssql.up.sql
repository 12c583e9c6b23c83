CREATE TABLE crm_pipeline (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	name NVARCHAR(80) NOT NULL,
	position INT NOT NULL,
	currency NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	archived_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_pipeline PRIMARY KEY (id)
);
CREATE INDEX ix_pipeline_company_position_id ON crm_pipeline (company, position, id);
GO
CREATE TABLE crm_stage (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	pipeline_id VARBINARY(16) NOT NULL,
	name NVARCHAR(80) NOT NULL,
	position INT NOT NULL,
	kind NVARCHAR(4) COLLATE Latin1_General_100_BIN2 NOT NULL,
	chance BIGINT NOT NULL,
	required_fields NVARCHAR(400) NOT NULL,
	required_activities NVARCHAR(400) NOT NULL,
	limit_hours INT NOT NULL,
	archived_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_stage PRIMARY KEY (id)
);
CREATE INDEX ix_stage_pipeline_id_position ON crm_stage (pipeline_id, position);
GO
CREATE TABLE crm_opportunity (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	party_id VARBINARY(16) NOT NULL,
	contact_id VARBINARY(16) NULL,
	pipeline_id VARBINARY(16) NOT NULL,
	stage_id VARBINARY(16) NOT NULL,
	state NVARCHAR(4) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(200) NOT NULL,
	goal NVARCHAR(MAX) NOT NULL,
	chance BIGINT NOT NULL,
	chance_manual BIT NOT NULL,
	expected_revenue BIGINT NOT NULL,
	revenue_manual BIT NOT NULL,
	weighted BIGINT NOT NULL,
	currency NVARCHAR(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
	expected_close DATE NULL,
	stage_since DATETIME2(3) NOT NULL,
	next_step_at DATETIME2(3) NULL,
	source NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	campaign NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	lead_id VARBINARY(16) NULL,
	lost_reason NVARCHAR(200) NOT NULL,
	lost_to NVARCHAR(200) NOT NULL,
	lesson NVARCHAR(MAX) NOT NULL,
	closed_at DATETIME2(3) NULL,
	owner_user NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	owner_team NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
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
GO
CREATE TABLE crm_opportunity_line (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	opportunity_id VARBINARY(16) NOT NULL,
	position INT NOT NULL,
	product_key NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	product_group NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(240) NOT NULL,
	quantity BIGINT NOT NULL,
	unit NVARCHAR(20) NOT NULL,
	unit_price BIGINT NOT NULL,
	discount BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	CONSTRAINT pk_crm_opportunity_line PRIMARY KEY (id)
);
CREATE INDEX ix_opportunity_line_opportunity_id_position ON crm_opportunity_line (opportunity_id, position);
GO
CREATE TABLE crm_opportunity_seller (
	opportunity_id VARBINARY(16) NOT NULL,
	user_id NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	role NVARCHAR(30) COLLATE Latin1_General_100_BIN2 NOT NULL,
	share BIGINT NOT NULL,
	CONSTRAINT pk_crm_opportunity_seller PRIMARY KEY (opportunity_id, user_id)
);
CREATE INDEX ix_opportunity_seller_company_user_id ON crm_opportunity_seller (company, user_id);
GO
CREATE TABLE crm_competitor (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	opportunity_id VARBINARY(16) NOT NULL,
	name NVARCHAR(200) NOT NULL,
	strengths NVARCHAR(MAX) NOT NULL,
	weaknesses NVARCHAR(MAX) NOT NULL,
	price BIGINT NOT NULL,
	won BIT NOT NULL,
	CONSTRAINT pk_crm_competitor PRIMARY KEY (id)
);
CREATE INDEX ix_competitor_opportunity_id ON crm_competitor (opportunity_id);
CREATE INDEX ix_competitor_company_name ON crm_competitor (company, name);
GO
CREATE TABLE crm_stage_move (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	opportunity_id VARBINARY(16) NOT NULL,
	from_stage VARBINARY(16) NULL,
	to_stage VARBINARY(16) NOT NULL,
	moved_by NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	moved_at DATETIME2(3) NOT NULL,
	seconds BIGINT NOT NULL,
	from_chance BIGINT NOT NULL,
	to_chance BIGINT NOT NULL,
	CONSTRAINT pk_crm_stage_move PRIMARY KEY (id)
);
CREATE INDEX ix_stage_move_opportunity_id_moved_at ON crm_stage_move (opportunity_id, moved_at);
CREATE INDEX ix_stage_move_company_moved_at_id ON crm_stage_move (company, moved_at, id);
GO
CREATE TABLE crm_comment (
	id VARBINARY(16) NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	version BIGINT NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by NVARCHAR(64) NOT NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by NVARCHAR(64) NOT NULL,
	opportunity_id VARBINARY(16) NOT NULL,
	body NVARCHAR(MAX) NOT NULL,
	mentions NVARCHAR(400) NOT NULL,
	CONSTRAINT pk_crm_comment PRIMARY KEY (id)
);
CREATE INDEX ix_comment_opportunity_id_created_at_id ON crm_comment (opportunity_id, created_at, id);
