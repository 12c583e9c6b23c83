DROP TABLE crm_sms_message;
DROP TABLE crm_sms_run;
