SELECT a.id, a.company, a.version, a.created_at, a.created_by, a.updated_at, a.updated_by, a.party_id, a.opportunity_id, a.kind, a.state, a.direction, a.subject, SUBSTRING(a.body, 1, 500) AS body, a.outcome, a.at, a.due_at, a.is_open, a.remind_at, a.reminded_at, a.done_at, a.minutes, a.delegated_by, a.accepted_at, a.decline_reason, a.follows_id, a.ref_kind, a.ref_id, a.ref_text, a.owner_user, a.owner_team, COALESCE(p.name, '') AS party_name
FROM (SELECT u.id, u.moment
FROM (SELECT s0.id, s0.moment
FROM (SELECT b.id, b.at AS moment
FROM crm_activity AS b
WHERE b.party_id = ?
AND b.is_open = 0
AND b.kind IN (?, ?)
AND b.at <= ?
AND (b.at < ? OR b.id < ?)
ORDER BY b.at DESC, b.id DESC LIMIT 20) AS s0
UNION ALL SELECT s1.id, s1.moment
FROM (SELECT b.id, b.at AS moment
FROM crm_activity AS b
WHERE b.party_id = ?
AND b.is_open = 0
AND b.kind IN (?, ?)
AND b.at <= ?
AND (b.at < ? OR b.id < ?)
ORDER BY b.at DESC, b.id DESC LIMIT 20) AS s1) AS u
ORDER BY u.moment DESC, u.id DESC LIMIT 20) AS k CROSS
JOIN crm_activity AS a
LEFT JOIN crm_party AS p ON p.id = a.party_id
WHERE {scope}
AND a.id = k.id
ORDER BY k.moment DESC, k.id DESC
