package routing

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Absences lists who is away today or later, the next ones first. It needs actor.LeadRead.
func (r *Routes) Absences(ctx context.Context) ([]Absence, error) {
	return store.Read(ctx, r.db, actor.LeadRead, func(ctx context.Context, s *store.Session) ([]Absence, error) {
		var out []Absence
		today := civil.In(s.Now, r.config.Terms.At(s).Zone)
		err := s.Select(&out).Where("absence.company = ?", s.Actor.Company).Where("absence.until_day >= ?", today).
			OrderExpr("absence.from_day, absence.user_id, absence.id").Scan(ctx)
		return out, err
	})
}

// AddAbsence notes when somebody is away. Whoever may change leads notes his own absence, others' need
// actor.LeadAssign.
func (r *Routes) AddAbsence(ctx context.Context, a Absence) (Absence, error) {
	return store.Write(ctx, r.db, actor.LeadWrite, func(ctx context.Context, s *store.Session) (Absence, error) {
		next := Absence{ID: store.NewKey[AbsenceTag](s), User: strings.TrimSpace(a.User), From: a.From, Until: a.Until, Deputy: strings.TrimSpace(a.Deputy)}
		if err := own(s, next); err != nil {
			return Absence{}, err
		}
		var faults fault.List
		faults.Required("user", next.User)
		if next.From.IsZero() {
			faults.Add("from", "required", "is missing; give the first day")
		}
		if next.Until.Before(next.From) || next.Until.IsZero() {
			faults.Add("until", "range", "is before the first day, or missing; give the last day")
		}
		if next.Deputy == next.User && next.User != "" {
			faults.Add("deputy", "choice", "is who is away; name somebody else, or nobody")
		}
		if err := faults.Err("the absence cannot be noted"); err != nil {
			return Absence{}, err
		}
		return next, s.Insert(ctx, &next)
	})
}

// RemoveAbsence takes an absence back, by the same rights.
func (r *Routes) RemoveAbsence(ctx context.Context, id AbsenceID) error {
	_, err := store.Write(ctx, r.db, actor.LeadWrite, func(ctx context.Context, s *store.Session) (none struct{}, err error) {
		var was Absence
		if err := s.Lock(ctx, &was, id); err != nil {
			return none, err
		}
		if err := own(s, was); err != nil {
			return none, err
		}
		return none, s.Delete(ctx, &was)
	})
	return err
}

func own(s *store.Session, a Absence) error {
	if a.User == s.Actor.HostUser() {
		return nil
	}
	return s.Actor.Require(actor.LeadAssign)
}
