DROP TABLE crm_host_call;
DROP TABLE crm_link;
DROP TABLE crm_conversion;
