DROP TABLE crm_import_mapping;
DROP TABLE crm_import_fault;
DROP TABLE crm_import;
DROP TABLE crm_capture_lock;
DROP TABLE crm_touch;
DROP TABLE crm_lead;
