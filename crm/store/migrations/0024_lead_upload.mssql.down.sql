DROP TABLE crm_lead_upload;
