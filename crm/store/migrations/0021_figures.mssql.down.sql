DROP INDEX ix_opportunity_company_updated_at_id ON crm_opportunity;
DROP INDEX ix_activity_figures ON crm_activity;
DROP TABLE crm_report_schedule;
DROP TABLE crm_quota;
DROP TABLE crm_forecast_entry;
DROP TABLE crm_forecast_day;
DROP TABLE crm_rate;
