DROP TABLE crm_quote_sending;
DROP TABLE crm_mail_template;
DROP TABLE crm_mail;
