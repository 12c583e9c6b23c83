DROP VIEW crm_v_link;
DROP VIEW crm_v_quote;
DROP VIEW crm_v_activity;
DROP VIEW crm_v_opportunity_line;
DROP VIEW crm_v_opportunity;
DROP VIEW crm_v_lead;
