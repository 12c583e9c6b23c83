package web

import (
	"net/http"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/setting"
)

// leadMove is the dialog in which a lead gets another status, or another owner.
type leadMove struct {
	Form    *input
	Row     lead.Row
	Options []option
	// Reasons are the usual ones.
	Reasons []string
	// Why says that a reason must be given.
	Why bool
}

// askLeadStatus asks where a lead shall go; ?to=disqualified proposes it.
func (s *screens) askLeadStatus(v *visit) error {
	row, err := v.leadRow()
	if err != nil {
		return err
	}
	to := v.asked().text("to")
	if to == "" && len(row.Status.Next()) > 0 {
		to = string(row.Status.Next()[0])
	}
	return v.drawLeadStatus(v.blank("to", to, "version", formatVersion(row.Version), "next", v.cameFrom(v.link("/leads", row.ID.String()))), row, http.StatusOK)
}

// leadRow reads the lead of the address.
func (v *visit) leadRow() (lead.Row, error) {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return lead.Row{}, err
	}
	return v.module().Leads.Row(v.ctx(), id)
}

// cameFrom is the page below a dialog, or where a dialog without script goes back to.
func (v *visit) cameFrom(otherwise string) string {
	if v.part() {
		return v.here()
	}
	return otherwise
}

func (v *visit) drawLeadStatus(f *input, row lead.Row, status int) error {
	d := leadMove{Form: f, Row: row, Why: lead.Status(f.text("to")) == lead.StatusDisqualified}
	d.Options = v.statusOptions(row.Status, f.text("to"))[1:]
	reasons, err := v.module().Settings.Choices(v.ctx(), setting.LostReasons)
	if err != nil {
		return err
	}
	for _, c := range reasons.Offered() {
		d.Reasons = append(d.Reasons, c.Text(v.Locale.Language))
	}
	h := head{Title: v.t("leads.status.title"), Section: "leads", Crumbs: v.leadCrumbs(row)}
	if v.part() { // also where a cell of the list asks for a reason
		return v.fill(status, "lead_status", "dialog", d)
	}
	return v.show(status, "lead_status", h, d)
}

func (v *visit) leadCrumbs(row lead.Row) []crumb {
	return []crumb{{v.t("menu.leads"), v.link("/leads")}, {row.Name, v.link("/leads", row.ID.String())}}
}

func (s *screens) moveLead(v *visit) error {
	was, err := v.leadRow()
	if err != nil {
		return err
	}
	f := v.posted()
	f.Values.Set("next", v.back(v.link("/leads", was.ID.String())))
	move := lead.Move{To: lead.Status(f.text("to")), Reason: f.text("reason")}
	now, err := v.module().Leads.SetStatus(v.ctx(), was.ID, f.version("version"), move)
	if fault.CodeOf(err) == fault.Conflict {
		fresh := v.blank("to", string(was.Status), "version", formatVersion(was.Version))
		asks, err := v.clash(f, fresh, was.Record, []shared{{Name: "to", Label: "leads.column.status", Show: func(value string) string { return v.t("lead.status." + value) }}})
		if err != nil {
			return err
		}
		if asks {
			return v.drawLeadStatus(f, was, f.statusOf())
		}
		if now, err = v.module().Leads.SetStatus(v.ctx(), was.ID, f.version("version"), move); err != nil {
			return err
		}
	} else if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return v.drawLeadStatus(f, was, f.statusOf())
	}
	v.toast(v.leadChanged(was, now, "status"))
	return v.redirect(v.back(v.link("/leads", was.ID.String())))
}

// askLeadOwner asks whom a lead shall be given to; ?to=me proposes oneself.
func (s *screens) askLeadOwner(v *visit) error {
	row, err := v.leadRow()
	if err != nil {
		return err
	}
	to := row.OwnerUser
	if v.asked().text("to") == "me" {
		to = v.Actor.UserID
	}
	return v.drawLeadOwner(v.blank("owner", to, "version", formatVersion(row.Version), "next", v.cameFrom(v.link("/leads", row.ID.String()))), row)
}

func (v *visit) drawLeadOwner(f *input, row lead.Row) error {
	d := leadMove{Form: f, Row: row}
	var err error
	if d.Options, err = v.leadOwners(row.Lead, f.text("owner")); err != nil {
		return err
	}
	return v.dialog("lead_assign", f.statusOf(), head{Title: v.t("leads.assign.title"), Section: "leads", Crumbs: v.leadCrumbs(row)}, d)
}

func (s *screens) assignLead(v *visit) error {
	was, err := v.leadRow()
	if err != nil {
		return err
	}
	f := v.posted()
	f.Values.Set("next", v.back(v.link("/leads", was.ID.String())))
	now, err := v.module().Leads.Assign(v.ctx(), was.ID, f.version("version"), v.ownerOf(f.text("owner"), was.Owner()))
	if fault.CodeOf(err) == fault.Conflict {
		asks, err := v.clash(f, v.cellInput(was, "owner"), was.Record, v.cellShared("owner"))
		if err != nil {
			return err
		}
		if asks {
			return v.drawLeadOwner(f, was)
		}
		if now, err = v.module().Leads.Assign(v.ctx(), was.ID, f.version("version"), v.ownerOf(f.text("owner"), was.Owner())); err != nil {
			return err
		}
	} else if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return v.drawLeadOwner(f, was)
	}
	v.toast(v.leadChanged(was, now, "owner"))
	// Whoever has given a lead away may not see it any more.
	sees, err := v.seesLead(now.ID)
	if err != nil {
		return err
	}
	if !sees {
		return v.redirect(v.link("/leads"))
	}
	return v.redirect(v.back(v.link("/leads", was.ID.String())))
}

// seesLead reports whether the visitor sees a lead that he has just given to somebody.
func (v *visit) seesLead(id lead.ID) (bool, error) {
	_, err := v.module().Leads.Get(v.ctx(), id)
	if fault.CodeOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

// Dot is how the lead's status looks.
func (d leadMove) Dot() string { return statusDot(d.Row.Status) }
