DROP TABLE crm_campaign_answer;
DROP TABLE crm_campaign_chunk;
DROP TABLE crm_campaign_recipient;
DROP TABLE crm_campaign_count;
DROP TABLE crm_campaign_run;
DROP TABLE crm_campaign_content;
DROP TABLE crm_campaign;
