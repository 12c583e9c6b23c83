package subscription

import (
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// The rights of the package.
const (
	// Read shows topics, subscribers and their evidence.
	Read = actor.NewsletterRead
	// Write changes topics, enters and ends subscriptions, suppresses and imports.
	Write = actor.NewsletterWrite
)

// mayAnswer lets the outside world in, which brings a token or asks for itself.
func mayAnswer(s *store.Session) error {
	if s.Actor.Kind == actor.KindPublic {
		return nil
	}
	return s.Actor.Require(Write)
}

// errLink is all that anybody is told who has no good link: whether it was forged, is too old, or belongs to
// somebody who is gone, is nobody's business.
var errLink = fault.New(fault.NotFound, "this link does not work (any more); use the one in the latest letter")
