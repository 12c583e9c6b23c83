CREATE VIEW crm_v_lead AS
SELECT l.company,
	l.id AS lead_id,
	l.party_id,
	p.kind AS party_kind,
	p.name,
	p.given AS given_name,
	p.family AS family_name,
	p.email,
	p.phone,
	p.mobile,
	p.tax_id,
	p.postal_code,
	p.city,
	p.country,
	l.organization,
	l.status,
	l.expected_value / 10000.0 AS expected_value,
	l.currency,
	l.source,
	l.medium,
	l.campaign,
	l.owner_user,
	l.owner_team,
	l.arrived_at,
	l.first_response_at,
	l.score,
	l.converted_at
FROM crm_lead AS l JOIN crm_party AS p ON p.id = l.party_id
WHERE l.merged_into IS NULL;

CREATE VIEW crm_v_opportunity AS
SELECT o.company,
	o.id AS opportunity_id,
	o.party_id,
	p.name AS party_name,
	o.name,
	o.state,
	pl.name AS pipeline,
	s.name AS stage,
	o.chance / 10000.0 AS chance_percent,
	o.expected_revenue / 10000.0 AS expected_revenue,
	o.weighted / 10000.0 AS weighted_revenue,
	o.currency,
	o.expected_close,
	o.owner_user,
	o.owner_team,
	o.source,
	o.campaign,
	o.lost_reason,
	o.lost_to,
	o.created_at,
	o.closed_at
FROM crm_opportunity AS o JOIN crm_party AS p ON p.id = o.party_id JOIN crm_pipeline AS pl ON pl.id = o.pipeline_id JOIN crm_stage AS s ON s.id = o.stage_id;

CREATE VIEW crm_v_opportunity_line AS
SELECT ol.company,
	ol.opportunity_id,
	ol.position,
	ol.product_key,
	ol.product_group,
	ol.name,
	ol.quantity / 1000000.0 AS quantity,
	ol.unit,
	ol.unit_price / 10000.0 AS unit_price,
	ol.discount / 10000.0 AS discount_percent,
	ol.amount / 10000.0 AS amount
FROM crm_opportunity_line AS ol;

CREATE VIEW crm_v_activity AS
SELECT a.company,
	a.id AS activity_id,
	a.party_id,
	p.name AS party_name,
	a.opportunity_id,
	a.kind,
	a.state,
	a.direction,
	a.subject,
	a.outcome,
	a.at,
	a.due_at,
	a.done_at,
	a.minutes,
	a.owner_user,
	a.owner_team
FROM crm_activity AS a JOIN crm_party AS p ON p.id = a.party_id;

CREATE VIEW crm_v_quote AS
SELECT q.company,
	q.id AS quote_id,
	q.party_id,
	p.name AS party_name,
	q.opportunity_id,
	q.number,
	q.revision,
	q.state,
	q.title,
	q.language,
	q.currency,
	q.issued_on,
	q.valid_until,
	q.net / 10000.0 AS net,
	q.vat / 10000.0 AS vat,
	q.gross / 10000.0 AS gross,
	q.owner_user,
	q.owner_team,
	q.created_at
FROM crm_quote AS q JOIN crm_party AS p ON p.id = q.party_id;

CREATE VIEW crm_v_link AS
SELECT k.company,
	k.record_kind,
	k.record_id,
	k.party_id,
	p.name AS party_name,
	k.host_kind,
	k.host_key,
	k.host_number,
	k.total / 10000.0 AS total,
	k.currency,
	k.host_state,
	k.created_at
FROM crm_link AS k JOIN crm_party AS p ON p.id = k.party_id;
