DROP TABLE crm_consent;
DROP TABLE crm_suppression;
DROP TABLE crm_subscription_request;
DROP TABLE crm_subscription;
DROP TABLE crm_consent_text;
DROP TABLE crm_topic_text;
DROP TABLE crm_topic;
