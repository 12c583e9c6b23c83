package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/readlog"
	"github.com/crmplus/crmplus/crm/store"
)

// AuditEntry says who did what to which record, and when.
type AuditEntry struct {
	ID            ID            `json:"id"`
	At            time.Time     `json:"at"`
	ActorKind     string        `json:"actor_kind" enum:"user,system,public"`
	UserID        string        `json:"user_id"`
	UserName      string        `json:"user_name"`
	Action        string        `json:"action" example:"update"`
	RecordKind    string        `json:"record_kind" example:"lead"`
	RecordID      ID            `json:"record_id,omitempty"`
	RecordVersion int64         `json:"record_version"`
	Changes       []AuditChange `json:"changes"`
}

// AuditChange is one field of a change.
type AuditChange struct {
	Field string `json:"field"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

func auditOf(e store.AuditEntry) AuditEntry {
	out := AuditEntry{
		ID: idOf(e.ID), At: e.At, ActorKind: e.ActorKind, UserID: e.UserID, UserName: e.UserName, Action: e.Action, RecordKind: e.RecordKind,
		RecordVersion: e.RecordVersion, Changes: []AuditChange{},
	}
	if id, err := uuid.FromBytes(e.RecordID); err == nil {
		out.RecordID = ID(id.String())
	}
	var changes []store.Change
	if json.Unmarshal([]byte(e.Changes), &changes) == nil { // entries without changes have none
		out.Changes = each(changes, func(c store.Change) AuditChange { return AuditChange(c) })
	}
	return out
}

// Reading says that a user opened the card of a record on a day.
type Reading struct {
	RecordID ID        `json:"record_id"`
	Kind     string    `json:"kind" enum:"lead,customer,contact,opportunity" doc:"The card on which it was first read that day."`
	UserID   string    `json:"user_id"`
	Day      Date      `json:"day" doc:"In UTC."`
	LastAt   time.Time `json:"last_at" doc:"The last time of that day, to the minute."`
	Times    int       `json:"times"`
}

func readingOf(r readlog.Reading) Reading {
	return Reading{idOf(r.RecordID), r.RecordKind, r.UserID, dateOf(r.Day), r.LastAt, r.Times}
}

func (a *server) readings() {
	add(a, route{
		ID: "list-readings", Method: http.MethodGet, Path: "/readings", Tag: "Audit", Rights: rights(actor.AuditRead, actor.Privacy), Summary: "List who opened the card of a record, or what a user opened, the latest days first",
		Doc: "Give record or user. Readings are written every few seconds.",
	}, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Record ID     `query:"record"`
		User   string `query:"user" maxLength:"64"`
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	}) (*Listed[Reading], error) {
		if (in.Record == "") == (in.User == "") {
			return nil, invalid("record", "required", "is missing; give a record, or else a user")
		}
		read := func() ([]readlog.Reading, error) { return m.Reads.By(ctx, in.User, in.Limit) }
		if in.Record != "" {
			read = func() ([]readlog.Reading, error) { return m.Reads.Of(ctx, keyOf[any](in.Record).Bytes(), in.Limit) }
		}
		all, err := read()
		return listed(callOf(ctx), each(all, readingOf), ""), err
	})
}

func (a *server) audit() {
	a.readings()
	add(a, route{ID: "list-audit", Method: http.MethodGet, Path: "/audit", Tag: "Audit", Rights: rights(actor.AuditRead), Summary: "List who did what, the newest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
			Record ID `query:"record" doc:"One record; all of the company where it is left out."`
		}) (*Listed[AuditEntry], error) {
			q := crm.AuditQuery{Page: in.page()}
			if in.Record != "" {
				q.Record = keyOf[any](in.Record).Bytes()
			}
			page, err := m.Audit(ctx, q)
			return listed(callOf(ctx), each(page.Entries, auditOf), page.Next), err
		})
}
