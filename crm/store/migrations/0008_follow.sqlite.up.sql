ALTER TABLE crm_link ADD COLUMN paid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE crm_link ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE crm_link ADD COLUMN looked_at DATETIME;
ALTER TABLE crm_link ADD COLUMN look_at DATETIME NOT NULL DEFAULT '2000-01-01 00:00:00.000';
CREATE INDEX ix_link_company_look_at_id ON crm_link (company, look_at, id);
ALTER TABLE crm_opportunity ADD COLUMN progress TEXT NOT NULL DEFAULT '';
ALTER TABLE crm_quote ADD COLUMN progress TEXT NOT NULL DEFAULT '';
CREATE INDEX ix_conversion_company_created_at_id ON crm_conversion (company, created_at, id);
