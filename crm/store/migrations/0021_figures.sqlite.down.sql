DROP INDEX ix_opportunity_company_updated_at_id;
DROP INDEX ix_activity_figures;
DROP TABLE crm_report_schedule;
DROP TABLE crm_quota;
DROP TABLE crm_forecast_entry;
DROP TABLE crm_forecast_day;
DROP TABLE crm_rate;
DELETE FROM sqlite_stat1 WHERE tbl IN ('crm_rate', 'crm_forecast_day', 'crm_forecast_entry', 'crm_quota', 'crm_report_schedule') OR idx = 'ix_opportunity_company_updated_at_id';
