DROP TABLE crm_deal_credit;
