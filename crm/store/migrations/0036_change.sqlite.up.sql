-- How often that has changed which key figures are counted from, by months of the records, kept by triggers whoever
-- writes: a figure that was counted is shown again for as long as these numbers stand. n counts the changes; mark is
-- drawn anew with each, so that a number that comes again, as after a backup was put back, is no state that was.
CREATE TABLE crm_change (
	slot INTEGER NOT NULL,
	company TEXT NOT NULL,
	topic TEXT NOT NULL,
	part TEXT NOT NULL,
	n INTEGER NOT NULL,
	mark INTEGER NOT NULL,
	CONSTRAINT pk_crm_change PRIMARY KEY (company, topic, part, slot)
) WITHOUT ROWID;

CREATE TRIGGER tr_change_lead_insert AFTER INSERT ON crm_lead BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'lead', SUBSTR(NEW.arrived_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_lead_delete AFTER DELETE ON crm_lead BEGIN
	INSERT INTO crm_change SELECT 0, OLD.company, 'lead', SUBSTR(OLD.arrived_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_lead_update AFTER UPDATE OF company, arrived_at, first_response_at, converted_at, merged_into, source, campaign, party_id, owner_user, owner_team ON crm_lead BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'lead', SUBSTR(NEW.arrived_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'lead', SUBSTR(OLD.arrived_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE (OLD.company, OLD.arrived_at) IS NOT (NEW.company, NEW.arrived_at)
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_activity_insert AFTER INSERT ON crm_activity BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'activity', SUBSTR(NEW.at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_activity_delete AFTER DELETE ON crm_activity BEGIN
	INSERT INTO crm_change SELECT 0, OLD.company, 'activity', SUBSTR(OLD.at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_activity_update AFTER UPDATE OF company, at, kind, state, is_open, minutes, opportunity_id, party_id, created_by, delegated_by, owner_user, owner_team ON crm_activity BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'activity', SUBSTR(NEW.at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'activity', SUBSTR(OLD.at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE (OLD.company, OLD.at) IS NOT (NEW.company, NEW.at)
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_opportunity_insert AFTER INSERT ON crm_opportunity BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'opportunity', SUBSTR(NEW.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, NEW.company, 'opportunity', SUBSTR(NEW.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE NEW.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_opportunity_delete AFTER DELETE ON crm_opportunity BEGIN
	INSERT INTO crm_change SELECT 0, OLD.company, 'opportunity', SUBSTR(OLD.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'opportunity', SUBSTR(OLD.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE OLD.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_opportunity_update AFTER UPDATE OF company, created_at, closed_at, state, expected_revenue, currency, source, campaign, lost_reason, pipeline_id, lead_id, owner_user, owner_team ON crm_opportunity BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'opportunity', SUBSTR(NEW.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, NEW.company, 'opportunity', SUBSTR(NEW.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE NEW.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'opportunity', SUBSTR(OLD.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE (OLD.company, OLD.created_at) IS NOT (NEW.company, NEW.created_at)
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'opportunity', SUBSTR(OLD.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE OLD.closed_at IS NOT NULL AND (OLD.company, OLD.closed_at) IS NOT (NEW.company, NEW.closed_at)
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_opportunity_line_insert AFTER INSERT ON crm_opportunity_line BEGIN
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id AND o.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_opportunity_line_delete AFTER DELETE ON crm_opportunity_line BEGIN
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id AND o.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_opportunity_line_update AFTER UPDATE OF company, opportunity_id, product_group, quantity, unit_price, amount ON crm_opportunity_line BEGIN
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id AND o.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id AND OLD.opportunity_id <> NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id AND o.closed_at IS NOT NULL AND OLD.opportunity_id <> NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_opportunity_seller_insert AFTER INSERT ON crm_opportunity_seller BEGIN
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id AND o.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_opportunity_seller_delete AFTER DELETE ON crm_opportunity_seller BEGIN
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id AND o.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_opportunity_seller_update AFTER UPDATE OF company, opportunity_id, user_id, share ON crm_opportunity_seller BEGIN
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id AND o.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id AND OLD.opportunity_id <> NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id AND o.closed_at IS NOT NULL AND OLD.opportunity_id <> NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_competitor_insert AFTER INSERT ON crm_competitor BEGIN
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id AND o.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_competitor_delete AFTER DELETE ON crm_competitor BEGIN
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id AND o.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_competitor_update AFTER UPDATE OF company, opportunity_id, name ON crm_competitor BEGIN
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = NEW.opportunity_id AND o.closed_at IS NOT NULL
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.created_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id AND OLD.opportunity_id <> NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, o.company, 'opportunity', SUBSTR(o.closed_at, 1, 7), 1, ABS(RANDOM() % 2147483648) FROM crm_opportunity AS o WHERE o.id = OLD.opportunity_id AND o.closed_at IS NOT NULL AND OLD.opportunity_id <> NEW.opportunity_id
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_stage_move_insert AFTER INSERT ON crm_stage_move BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'move', SUBSTR(NEW.moved_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_stage_move_delete AFTER DELETE ON crm_stage_move BEGIN
	INSERT INTO crm_change SELECT 0, OLD.company, 'move', SUBSTR(OLD.moved_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_stage_move_update AFTER UPDATE OF company, moved_at, opportunity_id, from_stage, to_stage, seconds ON crm_stage_move BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'move', SUBSTR(NEW.moved_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'move', SUBSTR(OLD.moved_at, 1, 7), 1, ABS(RANDOM() % 2147483648) WHERE (OLD.company, OLD.moved_at) IS NOT (NEW.company, NEW.moved_at)
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_line_cost_insert AFTER INSERT ON crm_line_cost BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'cost', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_line_cost_delete AFTER DELETE ON crm_line_cost BEGIN
	INSERT INTO crm_change SELECT 0, OLD.company, 'cost', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_line_cost_update AFTER UPDATE OF company, line_id, known, unit_cost ON crm_line_cost BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'cost', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'cost', '', 1, ABS(RANDOM() % 2147483648) WHERE OLD.company <> NEW.company
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_rate_insert AFTER INSERT ON crm_rate BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'rate', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_rate_delete AFTER DELETE ON crm_rate BEGIN
	INSERT INTO crm_change SELECT 0, OLD.company, 'rate', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_rate_update AFTER UPDATE OF company, currency, since, rate ON crm_rate BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'rate', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'rate', '', 1, ABS(RANDOM() % 2147483648) WHERE OLD.company <> NEW.company
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_custom_value_insert AFTER INSERT ON crm_custom_value BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'custom', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_custom_value_delete AFTER DELETE ON crm_custom_value BEGIN
	INSERT INTO crm_change SELECT 0, OLD.company, 'custom', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_custom_value_update AFTER UPDATE OF company, record_id, field_id, text_value, text_key, number_value, time_value ON crm_custom_value BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'custom', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'custom', '', 1, ABS(RANDOM() % 2147483648) WHERE OLD.company <> NEW.company
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_party_update AFTER UPDATE OF company, merged_into, employer_id, owner_user, owner_team ON crm_party BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'sight', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'sight', '', 1, ABS(RANDOM() % 2147483648) WHERE OLD.company <> NEW.company
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

CREATE TRIGGER tr_change_party_share_insert AFTER INSERT ON crm_party_share BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'sight', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_party_share_delete AFTER DELETE ON crm_party_share BEGIN
	INSERT INTO crm_change SELECT 0, OLD.company, 'sight', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;
CREATE TRIGGER tr_change_party_share_update AFTER UPDATE OF company, party_id, user_id ON crm_party_share BEGIN
	INSERT INTO crm_change SELECT 0, NEW.company, 'sight', '', 1, ABS(RANDOM() % 2147483648) WHERE true
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
	INSERT INTO crm_change SELECT 0, OLD.company, 'sight', '', 1, ABS(RANDOM() % 2147483648) WHERE OLD.company <> NEW.company
		ON CONFLICT (company, topic, part, slot) DO UPDATE SET n = n + 1, mark = excluded.mark;
END;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('crm_change', 'crm_change', '4000 400 60 1 1');
