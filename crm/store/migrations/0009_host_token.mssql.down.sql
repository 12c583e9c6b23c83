DROP TABLE crm_host_token;
