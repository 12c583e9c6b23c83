DROP TABLE crm_workflow_sweep;
DROP TABLE crm_workflow_run;
DROP TABLE crm_workflow_version;
DROP TABLE crm_workflow;
ALTER TABLE crm_event DROP CONSTRAINT IF EXISTS df_event_depth;
ALTER TABLE crm_event DROP COLUMN depth;
