DROP TABLE crm_quote_line;
DROP TABLE crm_quote;
