DELETE FROM sqlite_stat1 WHERE tbl = 'crm_workflow_run';
DROP TABLE crm_workflow_sweep;
DROP TABLE crm_workflow_run;
DROP TABLE crm_workflow_version;
DROP TABLE crm_workflow;
ALTER TABLE crm_event DROP COLUMN depth;
