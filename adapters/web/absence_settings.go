package web

import (
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/routing"
)

func (s *screens) absenceRoutes() []route {
	return []route{
		{Pattern: "GET /settings/absences", Right: actor.LeadWrite, Do: s.showAbsences},
		{Pattern: "POST /settings/absences", Right: actor.LeadWrite, Do: s.addAbsence},
		{Pattern: "POST /settings/absences/{id}/remove", Right: actor.LeadWrite, Do: s.removeAbsence},
	}
}

const absencePage = "/settings/absences"

// absences are who is away, with who gets his leads meanwhile.
type absences struct {
	Rows            []absenceLine
	Users, Deputies []option
	// All says that the visitor notes those of others too.
	All bool
}

type absenceLine struct {
	ID           routing.AbsenceID
	Name, Deputy string
	From, Until  civil.Date
	Now, Own     bool
}

func (s *screens) showAbsences(v *visit) error {
	return s.drawAbsences(v, v.blank("user", v.Actor.HostUser(), "from", "", "until", "", "deputy", ""))
}

func (s *screens) drawAbsences(v *visit, f *input) error {
	found, err := v.module().Routing.Absences(v.ctx())
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	d := absences{All: v.may(actor.LeadAssign)}
	today := s.today(v)
	for _, a := range found {
		d.Rows = append(d.Rows, absenceLine{
			ID: a.ID, Name: nameIn(names, a.User), Deputy: nameIn(names, a.Deputy), From: a.From, Until: a.Until,
			Now: !today.Before(a.From), Own: d.All || a.User == v.Actor.HostUser(),
		})
	}
	if d.Users, err = v.owners(f.Get("user")); err != nil {
		return err
	}
	if !d.All {
		d.Users = slices.DeleteFunc(slices.Clone(d.Users), func(o option) bool { return o.Value != v.Actor.HostUser() })
	}
	colleagues, err := v.owners("")
	if err != nil {
		return err
	}
	d.Deputies = append([]option{{Label: v.t("absence.nobody")}}, colleagues...)
	return v.showSetting(f.statusOf(), "settings_absences", absencePage, f, d)
}

func (s *screens) addAbsence(v *visit) error {
	f := v.posted()
	a := routing.Absence{User: f.text("user"), From: f.day("from"), Until: f.day("until"), Deputy: f.text("deputy")}
	if f.bad() {
		return s.drawAbsences(v, f)
	}
	saved, err := v.module().Routing.AddAbsence(v.ctx(), a)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawAbsences(v, f)
	}
	v.toast(toast{Text: v.t("settings.saved"), Undo: v.link(absencePage, saved.ID.String(), "remove")})
	return v.redirect(v.link(absencePage))
}

func (s *screens) removeAbsence(v *visit) error {
	id, err := key[routing.AbsenceTag](v, "id")
	if err != nil {
		return err
	}
	all, err := v.module().Routing.Absences(v.ctx())
	if err != nil {
		return err
	}
	if err := v.module().Routing.RemoveAbsence(v.ctx(), id); err != nil {
		return err
	}
	said := toast{Text: v.t("absence.removed")}
	if i := slices.IndexFunc(all, func(a routing.Absence) bool { return a.ID == id }); i >= 0 {
		said.Undo = v.link(absencePage)
		said.Fields = map[string]string{"user": all[i].User, "from": all[i].From.String(), "until": all[i].Until.String(), "deputy": all[i].Deputy}
	}
	v.toast(said)
	return v.redirect(v.link(absencePage))
}
