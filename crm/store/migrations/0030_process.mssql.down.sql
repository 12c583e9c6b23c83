DROP TABLE crm_process_step;
DROP TABLE crm_process;
