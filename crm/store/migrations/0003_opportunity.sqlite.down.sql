DROP TABLE crm_comment;
DROP TABLE crm_stage_move;
DROP TABLE crm_competitor;
DROP TABLE crm_opportunity_seller;
DROP TABLE crm_opportunity_line;
DROP TABLE crm_opportunity;
DROP TABLE crm_stage;
DROP TABLE crm_pipeline;
