DROP TABLE crm_bought_count;
DROP TABLE crm_bought_month;
