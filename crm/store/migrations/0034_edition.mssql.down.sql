DROP TABLE crm_campaign_edition;
