CREATE TABLE crm_activity (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by TEXT NOT NULL,
	updated_at DATETIME NOT NULL,
	updated_by TEXT NOT NULL,
	party_id BLOB NOT NULL,
	opportunity_id BLOB,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	direction TEXT NOT NULL,
	subject TEXT NOT NULL,
	body TEXT NOT NULL,
	outcome TEXT NOT NULL,
	at DATETIME NOT NULL,
	due_at DATETIME,
	is_open INTEGER NOT NULL,
	remind_at DATETIME,
	reminded_at DATETIME,
	done_at DATETIME,
	minutes INTEGER NOT NULL,
	delegated_by TEXT NOT NULL,
	accepted_at DATETIME,
	decline_reason TEXT NOT NULL,
	follows_id BLOB,
	ref_kind TEXT NOT NULL,
	ref_id BLOB,
	ref_text TEXT NOT NULL,
	owner_user TEXT NOT NULL,
	owner_team TEXT NOT NULL,
	CONSTRAINT pk_crm_activity PRIMARY KEY (id)
);
CREATE INDEX ix_activity_party_id_is_open_at_id ON crm_activity (party_id, is_open, at, id, kind);
CREATE INDEX ix_activity_company_opportunity_id_is_open_at_id ON crm_activity (company, opportunity_id, is_open, at, id);
CREATE INDEX ix_activity_company_owner_user_is_open_at_id ON crm_activity (company, owner_user, is_open, at, id);
CREATE INDEX ix_activity_company_delegated_by_is_open_at_id ON crm_activity (company, delegated_by, is_open, at, id);
CREATE INDEX ix_activity_company_is_open_at_id ON crm_activity (company, is_open, at, id);
CREATE INDEX ix_activity_company_at_id ON crm_activity (company, at, id);
CREATE INDEX ix_activity_company_remind_at_id ON crm_activity (company, remind_at, id);
CREATE INDEX ix_activity_ref_id ON crm_activity (ref_id);

CREATE TABLE crm_attachment (
	id BLOB NOT NULL,
	company TEXT NOT NULL,
	activity_id BLOB NOT NULL,
	name TEXT NOT NULL,
	mime TEXT NOT NULL,
	size INTEGER NOT NULL,
	hash TEXT NOT NULL,
	CONSTRAINT pk_crm_attachment PRIMARY KEY (id)
);
CREATE INDEX ix_attachment_activity_id ON crm_attachment (activity_id);
CREATE INDEX ix_attachment_company_hash ON crm_attachment (company, hash);
