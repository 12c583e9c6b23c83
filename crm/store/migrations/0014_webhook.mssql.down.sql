DROP TABLE crm_sign_on;
DROP TABLE crm_webhook_delivery;
DROP TABLE crm_webhook_secret;
DROP TABLE crm_webhook;
