DROP TRIGGER tr_change_lead;
GO
DROP TRIGGER tr_change_activity;
GO
DROP TRIGGER tr_change_opportunity;
GO
DROP TRIGGER tr_change_opportunity_line;
GO
DROP TRIGGER tr_change_opportunity_seller;
GO
DROP TRIGGER tr_change_competitor;
GO
DROP TRIGGER tr_change_stage_move;
GO
DROP TRIGGER tr_change_line_cost;
GO
DROP TRIGGER tr_change_rate;
GO
DROP TRIGGER tr_change_custom_value;
GO
DROP TRIGGER tr_change_party;
GO
DROP TRIGGER tr_change_party_share;
GO
DROP TABLE crm_change;
