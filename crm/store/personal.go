package store

// Category says what kind of personal data a column holds, for access exports, erasure and the record
// of processing (Regulation (EU) 2016/679, articles 15, 17 and 30).
type Category string

// The categories of personal data.
const (
	// Identifying: names, dates of birth, tax ids.
	Identifying Category = "identifying"
	// Reaching: e-mail, phone, address.
	Reaching Category = "reaching"
	// Behaviour: where somebody came from, what he looked at.
	Behaviour Category = "behaviour"
	// FreeText: what people wrote, which may hold anything.
	FreeText Category = "free_text"
	// Copies: values of the columns above kept elsewhere (audit log, events, manifests, results).
	Copies Category = "copies"
	// StaffActs: which user of the host did what.
	StaffActs Category = "staff"
)

// PersonalColumns registers every column of CRM+ that can hold personal data: table -> column ->
// category. Columns created_by, updated_by, owner_user and owner_team of every table name users of the
// host and are [StaffActs] besides. A test holds the registry against the schema.
var PersonalColumns = map[string]map[string]Category{
	"crm_party": {
		"name": Identifying, "sort_key": Identifying, "title": Identifying, "given": Identifying, "middle": Identifying,
		"patronymic": Identifying, "particle": Identifying, "family": Identifying, "suffix": Identifying, "gender": Identifying,
		"language": Identifying, "birth_date": Identifying, "job_title": Identifying, "tax_id": Identifying,
		"email": Reaching, "phone": Reaching, "mobile": Reaching, "website": Reaching, "line1": Reaching, "line2": Reaching,
		"postal_code": Reaching, "city": Reaching, "region": Reaching, "country": Reaching,
	},
	"crm_party_point":        {"value": Reaching, "label": FreeText},
	"crm_party_key":          {"value": Copies},
	"crm_party_share":        {"user_id": StaffActs},
	"crm_role":               {"host_key": Identifying},
	"crm_customer_value":     {"customer": Identifying},
	"crm_suggestion":         {"customer": Identifying},
	"crm_bought_month":       {"customer": Identifying},
	"crm_merge":              {"manifest": Copies},
	"crm_audit":              {"user_id": StaffActs, "user_name": StaffActs, "changes": Copies},
	"crm_event":              {"by_user": StaffActs, "payload": Copies, "failure": Copies},
	"crm_request":            {"payload": Copies, "requested_by": StaffActs},
	"crm_result":             {"result": Copies, "failure": Copies},
	"crm_blob":               {"content": FreeText},
	"crm_custom_value":       {"text_value": FreeText, "text_key": FreeText},
	"crm_lead":               {"organization": Identifying, "status_reason": FreeText, "interest": FreeText, "external_id": Identifying, "source": Behaviour, "medium": Behaviour, "campaign": Behaviour},
	"crm_touch":              {"source": Behaviour, "medium": Behaviour, "campaign": Behaviour, "term": Behaviour, "content": Behaviour, "click_id": Behaviour, "referrer": Behaviour, "page": Behaviour, "consent": FreeText},
	"crm_import":             {"file_name": FreeText, "failure": Copies},
	"crm_import_fault":       {"reason": Copies, "cells": Copies},
	"crm_lead_upload":        {"user_id": StaffActs, "name": FreeText, "content": FreeText},
	"crm_opportunity":        {"name": FreeText, "goal": FreeText, "lost_reason": FreeText, "lesson": FreeText, "source": Behaviour, "campaign": Behaviour},
	"crm_opportunity_seller": {"user_id": StaffActs},
	"crm_stage_move":         {"moved_by": StaffActs},
	"crm_comment":            {"body": FreeText, "mentions": StaffActs},
	"crm_activity":           {"subject": FreeText, "body": FreeText, "outcome": FreeText, "delegated_by": StaffActs, "decline_reason": FreeText, "ref_text": Copies},
	"crm_attachment":         {"name": FreeText, "name_key": FreeText},
	"crm_quote": {
		"title": FreeText, "cover": FreeText, "closing": FreeText, "terms": FreeText, "delivery_terms": FreeText, "addressee": Copies,
		"decided_by": Identifying, "decision_note": FreeText, "decision_evidence": Behaviour,
	},
	"crm_quote_line":       {"name": FreeText, "description": FreeText},
	"crm_conversion":       {"request": Copies, "result": Copies, "manifest": Copies, "undone_by": StaffActs},
	"crm_host_call":        {"reason": Copies, "progress": Copies},
	"crm_link":             {"host_key": Identifying, "host_number": Identifying},
	"crm_host_token":       {"host_key": Identifying},
	"crm_search":           {"words": Copies},
	"crm_search_word":      {"word": Copies},
	"crm_api_key":          {"user_id": StaffActs, "user_name": StaffActs},
	"crm_api_answer":       {"headers": Copies, "body": Copies},
	"crm_mail":             {"subject": FreeText, "recipients": Reaching, "message": Copies, "reason": Copies},
	"crm_mail_template":    {"subject": FreeText, "body": FreeText},
	"crm_quote_sending":    {"recipients": Reaching, "recipient_key": Reaching, "annexes": FreeText},
	"crm_saved_view":       {"name": FreeText, "query": FreeText},
	"crm_preference":       {"user_id": StaffActs, "settings": StaffActs},
	"crm_user_right":       {"user_id": StaffActs, "name": StaffActs},
	"crm_notice":           {"user_id": StaffActs, "actor_user": StaffActs, "actor_name": StaffActs, "parameters": Copies},
	"crm_read_log":         {"user_id": StaffActs},
	"crm_webhook":          {"reason": Copies},
	"crm_webhook_delivery": {"reason": Copies},
	"crm_subscription":     {"address": Reaching, "language": Identifying, "source": Behaviour},
	"crm_subscription_request": {
		"address": Reaching, "language": Identifying, "client": Behaviour, "source": Behaviour, "message_id": Copies,
	},
	"crm_suppression":        {"source": Behaviour},
	"crm_consent":            {"source": Behaviour, "note": FreeText, "ip": Behaviour, "message_id": Copies, "language": Identifying, "entered_by": StaffActs},
	"crm_campaign":           {"seeds": Reaching, "sender_name": StaffActs, "sender_address": StaffActs, "reply_to": StaffActs},
	"crm_campaign_edition":   {"saved_by": StaffActs},
	"crm_campaign_recipient": {"address": Reaching, "name": Identifying, "language": Identifying, "country": Reaching},
	"crm_campaign_answer":    {"reason": Copies},
	"crm_sms_message":        {"gateway_id": Copies, "reason": Copies},
	"crm_track_event":        {"network": Behaviour},
	"crm_track_agent":        {"name": Behaviour},
	"crm_rate":               {"noted_by": StaffActs},
	"crm_report_schedule":    {"name": FreeText, "question": FreeText, "recipient": Reaching},
	"crm_quota":              {"subject": StaffActs},
	"crm_commission_month":   {"closed_by": StaffActs},
	"crm_segment":            {"condition_text": FreeText, "description": FreeText},
	"crm_segment_version":    {"condition_text": FreeText, "saved_by": StaffActs},
	"crm_segment_member":     {"added_by": StaffActs},
	"crm_sequence_version":   {"started_by": StaffActs},
	"crm_sequence_reader":    {"entered_by": StaffActs, "note": FreeText},
	"crm_policy":             {"published_by": StaffActs},
	"crm_policy_version":     {"saved_by": StaffActs},
	"crm_absence":            {"user_id": StaffActs, "deputy": StaffActs},
	"crm_route_member":       {"user_id": StaffActs},
	"crm_route_decision":     {"user_id": StaffActs, "decided_by": StaffActs, "why": Copies},
	"crm_clock":              {"told_owner": StaffActs, "told_manager": StaffActs},
	"crm_process":            {"at_user": StaffActs, "reason": FreeText},
	"crm_process_step":       {"who_user": StaffActs, "ended_by": StaffActs, "reason": FreeText},
	"crm_workflow":           {"live_by": StaffActs},
	"crm_workflow_version":   {"saved_by": StaffActs},
	"crm_workflow_run":       {"why": Copies, "failure": Copies},
	"crm_score":              {"detail": Behaviour},
	"crm_score_history":      {"detail": Behaviour},
}
