DROP TABLE crm_sequence_rule;
DROP TABLE crm_sequence_sweep;
DROP TABLE crm_sequence_contact;
DROP TABLE crm_sequence_deed;
DROP TABLE crm_sequence_reader;
DROP TABLE crm_sequence_letter;
DROP TABLE crm_sequence_version;
DROP TABLE crm_sequence;
