DROP TABLE crm_link;
DROP TABLE crm_conversion;
