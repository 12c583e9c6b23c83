DROP TABLE crm_track_hour;
DROP TABLE crm_track_count;
DROP TABLE crm_track_reader;
DROP TABLE crm_track_agent;
DROP TABLE crm_track_event;
DROP TABLE crm_track_campaign;
