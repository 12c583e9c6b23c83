DROP TABLE crm_suggestion;
DROP TABLE crm_value_run;
DROP TABLE crm_customer_value;
