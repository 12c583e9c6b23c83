package web

import (
	"net/http"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
)

// cellForm is a field of a list's line while it is changed in place.
type cellForm struct {
	Form    *input
	ID      lead.ID
	Name    string
	Label   string
	Options []option
}

// leadCellName is the field in the address.
func leadCellName(v *visit) (string, error) {
	name := v.r.PathValue("name")
	if !slices.Contains(editableCells, name) {
		return "", errNoPage
	}
	return name, nil
}

// showLeadCell gives a field to be changed, or with show=1 as it is.
func (s *screens) showLeadCell(v *visit) error {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return err
	}
	name, err := leadCellName(v)
	if err != nil {
		return err
	}
	if !v.part() {
		return v.redirect(v.link("/leads", id.String(), "edit"))
	}
	row, err := v.module().Leads.Row(v.ctx(), id)
	if err != nil {
		return err
	}
	if v.r.URL.Query().Has("show") || !v.may(actor.LeadWrite) {
		return v.fillLeadCell(row, name)
	}
	f := v.cellInput(row, name)
	return v.drawCell(f, row, name, "celleditor")
}

// cellInput is the form of one field, as it stands in the record.
func (v *visit) cellInput(row lead.Row, name string) *input {
	f := v.blank("version", formatVersion(row.Version))
	switch name {
	case "status":
		f.Values.Set("status", string(row.Status))
	case "owner":
		f.Values.Set("owner", row.OwnerUser)
	case "value":
		f.Values.Set("value", amountText(row.ExpectedValue))
		f.Values.Set("currency", row.Currency)
	}
	return f
}

func (v *visit) drawCell(f *input, row lead.Row, name, part string) error {
	d := cellForm{Form: f, ID: row.ID, Name: name, Label: v.t("leads.column." + name)}
	switch name {
	case "status":
		d.Options = v.statusOptions(row.Status, f.text("status"))
	case "owner":
		var err error
		if d.Options, err = v.leadOwners(row.Lead, f.text("owner")); err != nil {
			return err
		}
	}
	if f.Conflict != nil {
		v.w.Header().Set("Hx-Retarget", "#crm-dialog-body")
		v.w.Header().Set("Hx-Reswap", "innerHTML")
		part = "celldialog"
	}
	return v.fill(f.statusOf(), "lead_list", part, d)
}

// statusOptions are where a lead may go from a status, and that it stays.
func (v *visit) statusOptions(from lead.Status, chosen string) []option {
	out := []option{{Value: string(from), Label: v.t("lead.status." + string(from)), On: chosen == string(from)}}
	for _, to := range from.Next() {
		out = append(out, option{Value: string(to), Label: v.t("lead.status." + string(to)), On: chosen == string(to)})
	}
	return out
}

// leadOwners are whom a lead may be given to: anybody by whom assigns, oneself by others who take it.
func (v *visit) leadOwners(l lead.Lead, chosen string) ([]option, error) {
	all, err := v.owners(chosen)
	if err != nil {
		return nil, err
	}
	free := option{Value: "", Label: v.t("owner.none"), On: chosen == ""}
	if v.may(actor.LeadAssign) || l.OwnerUser == v.Actor.UserID {
		return append([]option{free}, all...), nil
	}
	names, err := v.names()
	if err != nil {
		return nil, err
	}
	out := []option{free}
	if l.OwnerUser != "" {
		out[0] = option{Value: l.OwnerUser, Label: names[l.OwnerUser], On: chosen == l.OwnerUser}
	}
	return append(out, option{Value: v.Actor.UserID, Label: v.Actor.Name, On: chosen == v.Actor.UserID}), nil
}

// changeLeadCell changes one field of a lead.
func (s *screens) changeLeadCell(v *visit) error {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return err
	}
	name, err := leadCellName(v)
	if err != nil {
		return err
	}
	was, err := v.module().Leads.Row(v.ctx(), id)
	if err != nil {
		return err
	}
	f := v.posted()
	if name == "status" && lead.Status(f.text("status")) == lead.StatusDisqualified && f.text("reason") == "" && was.Status != lead.StatusDisqualified {
		v.w.Header().Set("Hx-Retarget", "#crm-dialog-body") // there is a reason to give
		v.w.Header().Set("Hx-Reswap", "innerHTML")
		return v.drawLeadStatus(v.blank("to", f.text("status"), "version", f.text("version"), "next", v.here()), was, http.StatusOK)
	}
	now, err := v.setLeadField(f, was, name)
	if fault.CodeOf(err) == fault.Conflict {
		asks, err := v.clash(f, v.cellInput(was, name), was.Record, v.cellShared(name))
		if err != nil {
			return err
		}
		if asks {
			return v.drawCell(f, was, name, "celleditor")
		}
		if now, err = v.setLeadField(f, was, name); err != nil {
			return err
		}
	}
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	if f.bad() {
		return v.drawCell(f, was, name, "celleditor")
	}
	if now.Version != was.Version {
		v.toast(v.leadChanged(was, now, name))
	}
	if !v.part() || v.target() == "crm-dialog-body" {
		return v.redirect(v.back(v.link("/leads")))
	}
	row, err := v.module().Leads.Row(v.ctx(), id)
	if err != nil {
		return err
	}
	return v.fillLeadCell(row, name)
}

// setLeadField sends one field to the verb that changes it.
func (v *visit) setLeadField(f *input, was lead.Row, name string) (lead.Lead, error) {
	leads, version := v.module().Leads, f.version("version")
	switch name {
	case "status":
		return leads.SetStatus(v.ctx(), was.ID, version, lead.Move{To: lead.Status(f.text("status")), Reason: f.text("reason")})
	case "owner":
		return leads.Assign(v.ctx(), was.ID, version, v.ownerOf(f.text("owner"), was.Owner()))
	}
	value := f.amount("value")
	if f.bad() {
		return was.Lead, nil
	}
	if value == nil {
		value = new(money.Amount)
	}
	return leads.Edit(v.ctx(), was.ID, version, lead.Patch{ExpectedValue: value})
}

// ownerOf is a colleague as an owner, with his first team where the host tells it.
func (v *visit) ownerOf(user string, was party.Owner) party.Owner {
	switch user {
	case was.User:
		return was
	case "":
		return party.Owner{}
	case v.Actor.UserID:
		if len(v.Actor.Teams) > 0 {
			return party.Owner{User: user, Team: v.Actor.Teams[0]}
		}
		return party.Owner{User: user}
	}
	all, err := v.colleagues()
	if err == nil {
		for _, u := range all {
			if u.ID == user && len(u.Teams) > 0 {
				return party.Owner{User: user, Team: u.Teams[0]}
			}
		}
	}
	return party.Owner{User: user}
}

// cellShared says how a conflict shows the field.
func (v *visit) cellShared(name string) []shared {
	one := shared{Name: name, Label: "leads.column." + name}
	switch name {
	case "status":
		one.Show = func(value string) string { return v.t("lead.status." + value) }
	case "owner":
		one.Show = v.nameOf
	}
	return []shared{one}
}

// nameOf is a colleague's name, or his id where he has none.
func (v *visit) nameOf(user string) string {
	if user == "" {
		return v.t("owner.none")
	}
	if names, err := v.names(); err == nil && names[user] != "" {
		return names[user]
	}
	return user
}

// leadChanged says what was changed, and how it is taken back.
func (v *visit) leadChanged(was lead.Row, now lead.Lead, name string) toast {
	version := formatVersion(now.Version)
	cell := v.link("/leads", was.ID.String(), "cell", name)
	switch name {
	case "status":
		t := toast{Text: v.t("leads.moved", was.Name, v.t("lead.status."+string(now.Status)))}
		if slices.Contains(now.Status.Next(), was.Status) {
			t.Undo, t.Fields = cell, map[string]string{"status": string(was.Status), "version": version, "reason": was.StatusReason}
		}
		return t
	case "owner":
		t := toast{Text: v.t("leads.assigned", was.Name, v.nameOf(now.OwnerUser))}
		if v.may(actor.LeadAssign) || now.OwnerUser == v.Actor.UserID {
			t.Undo, t.Fields = cell, map[string]string{"owner": was.OwnerUser, "version": version}
		}
		return t
	}
	return toast{
		Text: v.t("leads.valued", was.Name, v.Locale.Language.Money(now.ExpectedValue, now.Currency)),
		Undo: cell, Fields: map[string]string{"value": amountText(was.ExpectedValue), "version": version},
	}
}

// fillLeadCell draws one cell as the list shows it.
func (v *visit) fillLeadCell(row lead.Row, name string) error {
	rows, err := v.leadRows([]lead.Row{row}, columnsOf([]string{name}))
	if err != nil {
		return err
	}
	return v.fill(http.StatusOK, "lead_list", "cellpart", rows[0].Cells[0])
}
