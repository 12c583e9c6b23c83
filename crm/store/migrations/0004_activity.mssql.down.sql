DROP TABLE crm_attachment;
DROP TABLE crm_activity;
