DROP TABLE crm_api_answer;
DROP TABLE crm_api_key;
