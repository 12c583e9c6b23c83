package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/notice"
)

// Notice is one thing that the key's user should know.
type Notice struct {
	ID         ID        `json:"id"`
	Kind       string    `json:"kind" example:"quote.accepted"`
	Text       string    `json:"text" doc:"In the reader's language." example:"Your quote was accepted: Q-2026-00017"`
	RecordKind string    `json:"record_kind" doc:"The noun of the record to open." example:"quote"`
	RecordID   ID        `json:"record_id"`
	ActorUser  string    `json:"actor_user,omitempty" doc:"Who did it; left out where no user of the host did."`
	ActorName  string    `json:"actor_name,omitempty"`
	At         time.Time `json:"at"`
	ReadAt     time.Time `json:"read_at,omitzero" doc:"Left out while it is unread."`
}

func noticeOf(lang locale.Language) func(notice.Notice) Notice {
	return func(n notice.Notice) Notice {
		return Notice{idOf(n.ID), string(n.Kind), notice.Text(n, lang), n.RecordKind, idOf(n.RecordID), n.ActorUser, n.ActorName, n.At, n.ReadAt}
	}
}

// NoticeKind is a kind of notice; preferences can mute it.
type NoticeKind struct {
	Kind string `json:"kind" example:"quote.accepted"`
	Text string `json:"text" doc:"In the reader's language." example:"Your quote was accepted"`
}

// IDs name records.
type IDs struct {
	IDs []ID `json:"ids" maxItems:"500"`
}

// Until names the last instant that is meant.
type Until struct {
	Until *time.Time `json:"until,omitempty" doc:"When the newest one that was seen was made; now where it is left out."`
}

func (a *server) notices() {
	const tag = "Notices"
	add(a, route{ID: "list-notices", Method: http.MethodGet, Path: "/notices", Tag: tag, Summary: "List the notices of the key's user, the newest first", Doc: "In the language of Accept-Language."},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
			Unread bool `query:"unread" doc:"Only those that are unread."`
		}) (*Listed[Notice], error) {
			list, err := m.Notices.List(ctx, notice.Filter{Unread: in.Unread, Page: in.page()})
			return listed(callOf(ctx), each(list.Notices, noticeOf(callOf(ctx).language())), list.Next), err
		})
	add(a, route{ID: "count-notices", Method: http.MethodGet, Path: "/notices/unread", Tag: tag, Summary: "Count the unread notices of the key's user", Doc: "Counts up to 99; more_than says that there are more."},
		func(ctx context.Context, m *crm.Module, _ *struct{}) (*Out[Count], error) {
			n, err := m.Notices.Unread(ctx)
			return &Out[Count]{Count{min(n, notice.CountLimit-1), n >= notice.CountLimit}}, err
		})
	add(a, route{ID: "list-notice-kinds", Method: http.MethodGet, Path: "/notices/kinds", Tag: tag, Summary: "List the kinds of notices, which preferences can mute", Doc: "In the language of Accept-Language."},
		func(ctx context.Context, _ *crm.Module, _ *struct{}) (*Listed[NoticeKind], error) {
			lang := callOf(ctx).language()
			return listed(callOf(ctx), each(notice.Kinds, func(k notice.Kind) NoticeKind {
				return NoticeKind{string(k), notice.Texts.T(lang, string(k))}
			}), ""), nil
		})
	add(a, route{ID: "read-notices", Method: http.MethodPost, Path: "/notices/read", Tag: tag, Summary: "Mark notices of the key's user as read"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body IDs }) (*Empty, error) {
			return nil, m.Notices.MarkRead(ctx, keysOf[notice.Tag](in.Body.IDs)...)
		})
	add(a, route{ID: "read-all-notices", Method: http.MethodPost, Path: "/notices/read-all", Tag: tag, Summary: "Mark all notices of the key's user as read that were made until an instant"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body Until }) (*Empty, error) {
			return nil, m.Notices.MarkAllRead(ctx, timesOf(in.Body.Until))
		})
}
