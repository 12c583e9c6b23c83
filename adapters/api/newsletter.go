package api

import (
	"context"
	"net/http"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter"
)

const newsletterTag, campaignTag = "Newsletters", "Campaigns"

// errNoNewsletters is what a module without Config.Newsletter answers.
var errNoNewsletters = fault.New(fault.Unavailable, "newsletters are not set up here; ask whoever runs the program")

// news makes a verb of a function over the newsletters of the module.
func news[I, O any](do func(ctx context.Context, n *newsletter.Newsletters, in *I) (*O, error)) verb[I, O] {
	return func(ctx context.Context, m *crm.Module, in *I) (*O, error) {
		if m.Newsletters == nil {
			return nil, errNoNewsletters
		}
		return do(ctx, m.Newsletters, in)
	}
}

// noun is what the routes of one kind of record share: how it is written, and what names it and its version.
type noun[T, W any] struct {
	wire func(T) W
	key  func(T) (id string, version int64)
}

func (k noun[T, W]) tagged(x T, err error) (*Tagged[W], error) {
	if err != nil {
		return nil, err
	}
	_, version := k.key(x)
	return &Tagged[W]{etag(version), k.wire(x)}, nil
}

// made is the answer to a POST on the list of the nouns.
func (k noun[T, W]) made(ctx context.Context, x T, err error) (*Made[W], error) {
	if err != nil {
		return nil, err
	}
	id, version := k.key(x)
	return &Made[W]{etag(version), callOf(ctx).r.URL.Path + "/" + id, k.wire(x)}, nil
}

// one asks for one record.
type one struct {
	ByID
	Fields
}

// reads makes a verb of a function that reads a record.
func (k noun[T, W]) reads(do func(ctx context.Context, n *newsletter.Newsletters, id ID) (T, error)) verb[one, Tagged[W]] {
	return news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Tagged[W], error) {
		return k.tagged(do(ctx, n, in.ID))
	})
}

// moves makes a verb of a function that moves a record on, whatever its version.
func (k noun[T, W]) moves(do func(ctx context.Context, n *newsletter.Newsletters, id ID) (T, error)) verb[ByID, Tagged[W]] {
	return news(func(ctx context.Context, n *newsletter.Newsletters, in *ByID) (*Tagged[W], error) {
		return k.tagged(do(ctx, n, in.ID))
	})
}

// changes makes a verb of a function that changes a record under the version that was read; it is given the record as
// it is.
func changes[B, T, W any](k noun[T, W], do func(ctx context.Context, n *newsletter.Newsletters, now T, body B) (T, error)) verb[changing[B], Tagged[W]] {
	return func(ctx context.Context, m *crm.Module, in *changing[B]) (*Tagged[W], error) {
		if m.Newsletters == nil {
			return nil, errNoNewsletters
		}
		var now T
		if err := locked(ctx, m, &now, keyOf[struct{}](in.ID), in.version); err != nil {
			return nil, err
		}
		return k.tagged(do(ctx, m.Newsletters, now, in.Body))
	}
}

// matches is changes without a body.
func matches[T, W any](k noun[T, W], do func(ctx context.Context, n *newsletter.Newsletters, now T) (T, error)) verb[matched, Tagged[W]] {
	return func(ctx context.Context, m *crm.Module, in *matched) (*Tagged[W], error) {
		if m.Newsletters == nil {
			return nil, errNoNewsletters
		}
		var now T
		if err := locked(ctx, m, &now, keyOf[struct{}](in.ID), in.version); err != nil {
			return nil, err
		}
		return k.tagged(do(ctx, m.Newsletters, now))
	}
}

// newsletters adds the routes of everything about newsletters.
func (a *server) newsletters() {
	a.topics()
	a.subscribers()
	a.suppressions()
	a.segments()
	a.members()
	a.campaigns()
	a.campaignSteps()
	a.letters()
	a.recipients()
	a.campaignReports()
	a.sequences()
}

// post and get shorten the routes below.
func post(id, path, tag, summary string) route {
	return route{ID: id, Method: http.MethodPost, Path: path, Tag: tag, Summary: summary}
}

func get(id, path, tag, summary string) route {
	return route{ID: id, Method: http.MethodGet, Path: path, Tag: tag, Summary: summary}
}
