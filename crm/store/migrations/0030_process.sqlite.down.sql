DELETE FROM sqlite_stat1 WHERE tbl IN ('crm_process', 'crm_process_step');
DROP TABLE crm_process_step;
DROP TABLE crm_process;
