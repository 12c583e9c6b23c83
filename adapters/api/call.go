package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/apikey"
	"github.com/crmplus/crmplus/crm/locale"
)

// call is one request under way.
type call struct {
	r       *http.Request
	id      string
	started time.Time
	route   *route
	holder  apikey.Holder
	// fields are those that the answer is cut to; nil for all.
	fields []string
}

// callOf gives the request of a context; every context of a route has one.
func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// pattern is what is logged of a request: never its path, which holds ids, nor its query, which holds
// what people search for.
func (c *call) pattern() string {
	if c.route == nil {
		return ""
	}
	return c.route.Path
}

func (c *call) language() locale.Language { return languageOf(c.r.Header.Get("Accept-Language")) }

// languageOf picks the first of the reader's languages that texts exist in. Readers list what they like
// best first; weights are not looked at.
func languageOf(accept string) locale.Language {
	for part := range strings.SplitSeq(accept, ",") {
		tag, _, _ := strings.Cut(part, ";")
		if l, ok := locale.ParseLanguage(strings.TrimSpace(tag)); ok {
			return l
		}
	}
	return locale.English
}

// maxRequestID bounds the ids that callers give their requests.
const maxRequestID = 80

// requestID is the caller's own where it is fit to be logged, else a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-ID")
	if id == "" || len(id) > maxRequestID {
		return uuid.NewString()
	}
	for _, b := range []byte(id) {
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
		if !letter && b != '-' && b != '_' && b != '.' {
			return uuid.NewString()
		}
	}
	return id
}
