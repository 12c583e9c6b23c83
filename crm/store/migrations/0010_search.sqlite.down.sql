DROP TABLE crm_search_fts;
DROP TABLE crm_search_state;
DROP TABLE crm_search_word;
DROP TABLE crm_search;
