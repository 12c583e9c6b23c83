// Package actor says who acts, for which company of the host, and what that one may do and see.
//
// Every operation of CRM+ takes its actor from the context and fails with fault.Forbidden where
// there is none:
//
//	ctx = actor.With(ctx, actor.User{Company: "HU01", ID: "kovacs", Rights: actor.Seller, See: actor.Team}.Actor())
//
// There are three kinds: a user of the host, the system (background work, imports by schedule),
// and the public (web forms, unsubscribe and quote links), who may only capture and answer.
package actor

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
)

// Kind tells users, background work and the outside world apart.
type Kind string

// The kinds of actor.
const (
	KindUser   Kind = "user"
	KindSystem Kind = "system"
	KindPublic Kind = "public"
)

// Right is one permission.
type Right string

// The rights. A host maps its own roles to sets of them; see [Seller], [Manager], [Admin].
const (
	LeadRead         Right = "lead.read"
	LeadWrite        Right = "lead.write"
	LeadCapture      Right = "lead.capture"
	LeadAssign       Right = "lead.assign"
	LeadImport       Right = "lead.import"
	OpportunityRead  Right = "opportunity.read"
	OpportunityWrite Right = "opportunity.write"
	ActivityRead     Right = "activity.read"
	ActivityWrite    Right = "activity.write"
	QuoteRead        Right = "quote.read"
	QuoteWrite       Right = "quote.write"
	QuoteIssue       Right = "quote.issue"
	QuoteAnswer      Right = "quote.answer"
	Convert          Right = "convert"
	ConvertUndo      Right = "convert.undo"
	NewsletterRead   Right = "newsletter.read"
	NewsletterWrite  Right = "newsletter.write"
	CampaignRead     Right = "campaign.read"
	CampaignWrite    Right = "campaign.write"
	CampaignSend     Right = "campaign.send"
	ReportRead       Right = "report.read"
	// CommissionRead shows what others earn, of those whom the actor sees; everybody sees his own.
	CommissionRead Right = "commission.read"
	Settings       Right = "settings"
	AuditRead      Right = "audit.read"
	Privacy        Right = "privacy"
	// FieldPurge lets values of removed custom fields be deleted for good.
	FieldPurge Right = "field.purge"
)

// Rights is a set of permissions.
type Rights []Right

// Ready-made sets for the usual roles of an ERP.
var (
	Reader = Rights{LeadRead, OpportunityRead, ActivityRead, QuoteRead}
	Seller = Rights{
		LeadRead, LeadWrite, LeadCapture, OpportunityRead, OpportunityWrite, ActivityRead, ActivityWrite,
		QuoteRead, QuoteWrite, QuoteIssue, Convert, NewsletterRead, CampaignRead,
	}
	Manager = append(slices.Clone(Seller), LeadAssign, LeadImport, ConvertUndo, NewsletterWrite, CampaignWrite, CampaignSend, ReportRead, CommissionRead)
	Admin   = append(slices.Clone(Manager), Settings, AuditRead, Privacy, FieldPurge)
)

// Visibility says whose records a user sees inside the company.
type Visibility string

// The visibilities, from narrow to wide.
const (
	// Own: records the user owns or sells in.
	Own Visibility = "own"
	// Team: besides, records of the user's teams and records nobody owns yet.
	Team Visibility = "team"
	// All: every record of the company.
	All Visibility = "all"
)

// Actor is who acts. The zero value is nobody and may do nothing.
type Actor struct {
	Kind Kind
	// Company is the host's key of the company that is worked in; every row belongs to one.
	Company string
	// UserID is the host's key of the user, or the name of the background job.
	UserID string
	// Name is shown in the timeline and in conflicts ("changed by Kovács Anna at 10:02").
	Name string
	// Teams are the host's keys of the teams the user belongs to; the first one is stamped on
	// new records.
	Teams  []string
	Rights Rights
	See    Visibility
	// Group lists further companies whose rows this actor may read (never write) beside Company.
	Group []string
	// OnBehalfOf is the host's key of the user for whom the system acts, who asked by a row in crm_request.
	OnBehalfOf string
}

// HostUser is the host's key of the user who acts, or for whom the system does: what the host's own
// columns may hold. It is empty for background jobs and the public, who are no users of the host.
func (a Actor) HostUser() string {
	if a.Kind == KindUser {
		return a.UserID
	}
	return a.OnBehalfOf
}

// User is what the host says about one of its users; [User.Actor] turns it into an actor.
type User struct {
	Company, ID, Name string
	Teams             []string
	Rights            Rights
	// See defaults to Own.
	See   Visibility
	Group []string
}

// Actor makes the actor for a user.
func (u User) Actor() Actor {
	if u.See == "" {
		u.See = Own
	}
	return Actor{Kind: KindUser, Company: u.Company, UserID: u.ID, Name: u.Name, Teams: u.Teams, Rights: u.Rights, See: u.See, Group: u.Group}
}

// System is background work for a company: it sees and may do everything there. The job's name
// stands in the audit log.
func System(company, job string) Actor {
	return Actor{Kind: KindSystem, Company: company, UserID: job, Name: job, See: All}
}

// Public is the outside world: it may capture leads and answer quotes of a company, and reads nothing.
func Public(company string) Actor {
	return Actor{Kind: KindPublic, Company: company, UserID: "public", Name: "public", Rights: Rights{LeadCapture, QuoteAnswer}, See: Own}
}

// May reports whether the actor has the right.
func (a Actor) May(r Right) bool {
	return a.Kind == KindSystem || slices.Contains(a.Rights, r)
}

// Require fails with fault.Forbidden unless the actor has the right.
func (a Actor) Require(r Right) error {
	if a.Kind == "" {
		return fault.New(fault.Forbidden, "nobody acts: put an actor into the context with actor.With")
	}
	if !a.May(r) {
		return fault.New(fault.Forbidden, "%s lacks the right %q; ask an administrator for it", a.UserID, string(r))
	}
	return nil
}

// Team is the team stamped on records the actor creates: the first one, or "".
func (a Actor) Team() string {
	if len(a.Teams) == 0 {
		return ""
	}
	return a.Teams[0]
}

type key struct{}

// With puts the actor into the context.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From takes the actor from the context; the error is fault.Forbidden where there is none or where
// it names no company.
func From(ctx context.Context) (Actor, error) {
	a, ok := ctx.Value(key{}).(Actor)
	if !ok || a.Kind == "" {
		return Actor{}, fault.New(fault.Forbidden, "nobody acts: put an actor into the context with actor.With")
	}
	if a.Company == "" {
		return Actor{}, fault.New(fault.Forbidden, "%s acts for no company: set actor.Company", a.UserID)
	}
	return a, nil
}
