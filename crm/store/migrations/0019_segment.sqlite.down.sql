DROP TABLE crm_segment_member;
DROP TABLE crm_segment_version;
DROP TABLE crm_segment;
