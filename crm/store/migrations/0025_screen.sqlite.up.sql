-- The sums of the board, kept beside the opportunities by triggers, so that a view of it adds up some hundred
-- rows, not every open opportunity. On SQL Server the same name is a view.
CREATE TABLE crm_opportunity_total (
	company TEXT NOT NULL,
	state TEXT NOT NULL,
	pipeline_id BLOB NOT NULL,
	stage_id BLOB NOT NULL,
	currency TEXT NOT NULL,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	n INTEGER NOT NULL,
	revenue INTEGER NOT NULL,
	weighted INTEGER NOT NULL,
	CONSTRAINT pk_crm_opportunity_total PRIMARY KEY (company, state, pipeline_id, stage_id, currency, owner_user, owner_team)
) WITHOUT ROWID;
INSERT INTO crm_opportunity_total
	SELECT company, state, pipeline_id, stage_id, currency, owner_user, owner_team, COUNT(*), SUM(expected_revenue), SUM(weighted)
	FROM crm_opportunity GROUP BY company, state, pipeline_id, stage_id, currency, owner_user, owner_team;
CREATE TRIGGER tr_opportunity_total_insert AFTER INSERT ON crm_opportunity BEGIN
	INSERT INTO crm_opportunity_total VALUES (NEW.company, NEW.state, NEW.pipeline_id, NEW.stage_id, NEW.currency, NEW.owner_user, NEW.owner_team, 1, NEW.expected_revenue, NEW.weighted)
		ON CONFLICT (company, state, pipeline_id, stage_id, currency, owner_user, owner_team) DO UPDATE SET n = n + 1, revenue = revenue + excluded.revenue, weighted = weighted + excluded.weighted;
END;
CREATE TRIGGER tr_opportunity_total_delete AFTER DELETE ON crm_opportunity BEGIN
	UPDATE crm_opportunity_total SET n = n - 1, revenue = revenue - OLD.expected_revenue, weighted = weighted - OLD.weighted
		WHERE company = OLD.company AND state = OLD.state AND pipeline_id = OLD.pipeline_id AND stage_id = OLD.stage_id AND currency = OLD.currency AND owner_user = OLD.owner_user AND owner_team = OLD.owner_team;
	DELETE FROM crm_opportunity_total
		WHERE company = OLD.company AND state = OLD.state AND pipeline_id = OLD.pipeline_id AND stage_id = OLD.stage_id AND currency = OLD.currency AND owner_user = OLD.owner_user AND owner_team = OLD.owner_team AND n = 0;
END;
CREATE TRIGGER tr_opportunity_total_update AFTER UPDATE OF company, state, pipeline_id, stage_id, currency, owner_user, owner_team, expected_revenue, weighted ON crm_opportunity BEGIN
	UPDATE crm_opportunity_total SET n = n - 1, revenue = revenue - OLD.expected_revenue, weighted = weighted - OLD.weighted
		WHERE company = OLD.company AND state = OLD.state AND pipeline_id = OLD.pipeline_id AND stage_id = OLD.stage_id AND currency = OLD.currency AND owner_user = OLD.owner_user AND owner_team = OLD.owner_team;
	INSERT INTO crm_opportunity_total VALUES (NEW.company, NEW.state, NEW.pipeline_id, NEW.stage_id, NEW.currency, NEW.owner_user, NEW.owner_team, 1, NEW.expected_revenue, NEW.weighted)
		ON CONFLICT (company, state, pipeline_id, stage_id, currency, owner_user, owner_team) DO UPDATE SET n = n + 1, revenue = revenue + excluded.revenue, weighted = weighted + excluded.weighted;
	DELETE FROM crm_opportunity_total
		WHERE company = OLD.company AND state = OLD.state AND pipeline_id = OLD.pipeline_id AND stage_id = OLD.stage_id AND currency = OLD.currency AND owner_user = OLD.owner_user AND owner_team = OLD.owner_team AND n = 0;
END;

-- What a user or a team sees of lists and of a stage of the board is read from one index, in order.
CREATE INDEX ix_opportunity_company_owner_team_state_expected_close_id ON crm_opportunity (company, owner_team, state, expected_close, id);
CREATE INDEX ix_opportunity_owner_stage ON crm_opportunity (company, owner_user, stage_id, state, stage_since, id);
CREATE INDEX ix_opportunity_team_stage ON crm_opportunity (company, owner_team, stage_id, state, stage_since, id);
CREATE INDEX ix_quote_company_owner_team_created_at_id ON crm_quote (company, owner_team, created_at, id);

-- New leads that nobody has answered yet are few.
CREATE INDEX ix_lead_waiting_owner ON crm_lead (company, owner_user, arrived_at, id) WHERE status = 'new' AND first_response_at IS NULL;
CREATE INDEX ix_lead_waiting_team ON crm_lead (company, owner_team, arrived_at, id) WHERE status = 'new' AND first_response_at IS NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_opportunity_total', 'crm_opportunity_total', '200 200 100 50 10 5 1 1'),
	('crm_opportunity', 'ix_opportunity_company_owner_team_state_expected_close_id', '1000000 1000000 100000 40000 200 1'),
	('crm_opportunity', 'ix_opportunity_owner_stage', '1000000 1000000 20000 4000 2000 2 1'),
	('crm_opportunity', 'ix_opportunity_team_stage', '1000000 1000000 100000 20000 10000 2 1'),
	('crm_lead', 'ix_lead_waiting_owner', '20000 20000 400 2 1'),
	('crm_lead', 'ix_lead_waiting_team', '20000 20000 2000 2 1'),
	('crm_activity', 'sqlite_autoindex_crm_activity_1', '1000000 1'),
	('crm_activity', 'ix_activity_party_id_is_open_at_id', '1000000 10 8 2 1 1'),
	('crm_activity', 'ix_activity_company_opportunity_id_is_open_at_id', '1000000 100000 10 8 2 1'),
	('crm_activity', 'ix_activity_company_owner_user_is_open_at_id', '1000000 100000 20000 2000 2 1'),
	('crm_activity', 'ix_activity_company_delegated_by_is_open_at_id', '1000000 100000 1000 200 2 1'),
	('crm_activity', 'ix_activity_company_is_open_at_id', '1000000 100000 100000 2 1'),
	('crm_activity', 'ix_activity_company_at_id', '1000000 100000 2 1'),
	('crm_activity', 'ix_activity_company_remind_at_id', '1000000 100000 2 1'),
	('crm_activity', 'ix_activity_ref_id', '1000000 2'),
	('crm_activity', 'ix_activity_figures', '1000000 100000 100000 100000 2 1 1 1 1'),
	('crm_quote', 'sqlite_autoindex_crm_quote_1', '1000000 1'),
	('crm_quote', 'ix_quote_base_id_revision', '1000000 2 1'),
	('crm_quote', 'ix_quote_company_created_at_id', '1000000 100000 2 1'),
	('crm_quote', 'ix_quote_company_number', '1000000 100000 1'),
	('crm_quote', 'ix_quote_company_state_created_at_id', '1000000 100000 100000 2 1'),
	('crm_quote', 'ix_quote_company_state_valid_until_id', '1000000 100000 100000 400 1'),
	('crm_quote', 'ix_quote_company_owner_user_created_at_id', '1000000 100000 20000 2 1'),
	('crm_quote', 'ix_quote_company_owner_team_created_at_id', '1000000 100000 100000 2 1'),
	('crm_quote', 'ix_quote_party_id_created_at_id', '1000000 4 2 1'),
	('crm_quote', 'ix_quote_opportunity_id_created_at_id', '1000000 4 2 1');
