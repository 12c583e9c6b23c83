package web

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
)

// leadBulk is the page that says what a change to many leads will do.
type leadBulk struct {
	Form *input
	// Do is owner or status, To the value in words.
	Do, To string
	// Count are the leads that will be changed; Rows are the first of them.
	Count   int
	Rows    []bulkRow
	Skipped []lead.Skipped
	// Chosen are the leads with the versions that the page shows; for a very large choice Filter is sent
	// again instead.
	Chosen []string
	Filter string
	// Why says that a reason must be given.
	Why     bool
	Reasons []string
}

// bulkRow is a lead before and after.
type bulkRow struct {
	lead.Row
	From, To string
}

// bulkShown is how many leads the preview lists.
const bulkShown = 50

// bulkOf reads which leads a form means, and what shall become of them.
func (v *visit) bulkOf(f *input) (lead.Bulk, error) {
	var b lead.Bulk
	if filter := f.text("everything"); filter != "" {
		values, err := url.ParseQuery(filter)
		if err != nil {
			return b, errNoPage
		}
		own, err := v.customFields("lead")
		if err != nil {
			return b, err
		}
		chosen := v.leadFilter(values, own)
		chosen.Name = values.Get("find")
		b.Filter = &chosen
	} else {
		for _, text := range f.Values["id"] {
			id, version, _ := strings.Cut(text, ".")
			k, err := store.ParseKey[lead.Tag](id)
			if err != nil {
				return b, errNoPage
			}
			n, _ := strconv.ParseInt(version, 10, 64)
			b.Leads = append(b.Leads, lead.Chosen{ID: k, Version: n})
		}
	}
	if f.text("do") == "status" {
		b.Move = &lead.Move{To: lead.Status(f.text("to_status")), Reason: f.text("reason")}
	} else {
		owner := v.ownerOf(f.text("to_owner"), party.Owner{})
		b.Assign = &owner
	}
	return b, nil
}

// previewLeadBulk shows what would become of the leads that were marked. Nothing is changed.
func (s *screens) previewLeadBulk(v *visit) error {
	f := v.posted()
	if len(f.Values["id"]) == 0 && f.text("everything") == "" {
		v.toast(toast{Text: v.t("bulk.none"), Bad: true})
		return v.redirect(v.back(v.link("/leads")))
	}
	return v.drawBulk(f)
}

func (v *visit) drawBulk(f *input) error {
	f.Values.Set("next", v.back(v.link("/leads")))
	b, err := v.bulkOf(f)
	if err != nil {
		return err
	}
	d := leadBulk{Form: f, Do: "owner"}
	if b.Move != nil {
		d.Do, d.To, d.Why = "status", v.t("lead.status."+string(b.Move.To)), b.Move.To == lead.StatusDisqualified
		if d.Why && b.Move.Reason == "" {
			b.Move.Reason = "?" // the page asks for it; what would happen does not hang on the words
		}
	} else {
		d.To = v.nameOf(b.Assign.User)
	}
	found, err := v.module().Leads.BulkPreview(v.ctx(), b)
	if err != nil {
		return err
	}
	if err := d.show(v, b, found); err != nil {
		return err
	}
	return v.show(f.statusOf(), "lead_bulk", head{Title: v.t("bulk.title." + d.Do), Section: "leads", Crumbs: []crumb{{v.t("menu.leads"), v.link("/leads")}}}, d)
}

// show fills the page with the leads before and after.
func (d *leadBulk) show(v *visit, b lead.Bulk, found lead.BulkResult) error {
	d.Count, d.Skipped = len(found.Done), found.Skipped
	if len(found.Done) > lead.MaxChosen {
		d.Filter = d.Form.text("everything")
	} else {
		for _, c := range found.Done {
			d.Chosen = append(d.Chosen, c.ID.String()+"."+formatVersion(c.Version))
		}
	}
	for _, c := range found.Done[:min(len(found.Done), bulkShown)] {
		row, err := v.module().Leads.Row(v.ctx(), c.ID)
		if err != nil {
			return err
		}
		one := bulkRow{Row: row, To: d.To, From: v.nameOf(row.OwnerUser)}
		if b.Move != nil {
			one.From = v.t("lead.status." + string(row.Status))
		}
		d.Rows = append(d.Rows, one)
	}
	if !d.Why {
		return nil
	}
	reasons, err := v.module().Settings.Choices(v.ctx(), setting.LostReasons)
	for _, c := range reasons.Offered() {
		d.Reasons = append(d.Reasons, c.Text(v.Locale.Language))
	}
	return err
}

// Hidden are how many of those that will be changed the page does not list.
func (d leadBulk) Hidden() int { return d.Count - len(d.Rows) }

// runLeadBulk changes them.
func (s *screens) runLeadBulk(v *visit) error {
	f := v.posted()
	b, err := v.bulkOf(f)
	if err != nil {
		return err
	}
	if b.Move != nil && b.Move.To == lead.StatusDisqualified && strings.TrimSpace(b.Move.Reason) == "" {
		f.wrong("reason", "fault.required")
		return v.drawBulk(f)
	}
	before := v.beforeBulk(b)
	done, err := v.module().Leads.Bulk(v.ctx(), b)
	if err != nil && len(done.Done) == 0 {
		return err
	}
	v.module().Wake()
	t := toast{Text: v.t("bulk.done", countText(v.Locale.Language, len(done.Done)))}
	if n := len(done.Skipped); n > 0 {
		t.Text += " " + v.t("bulk.left", countText(v.Locale.Language, n))
	}
	if text := undoText(before, done.Done); text != "" {
		t.Undo, t.Fields = v.link("/leads/bulk/undo"), map[string]string{"do": f.text("do"), "before": text}
	}
	v.toast(t)
	return v.redirect(v.back(v.link("/leads")))
}

// undoLimit is how many leads a change can be taken back for by the toast; the browser carries them.
const undoLimit = 40

// beforeBulk gives the owners or statuses as they are, for taking a small change back; nil for a large one.
func (v *visit) beforeBulk(b lead.Bulk) map[lead.ID]string {
	if len(b.Leads) == 0 || len(b.Leads) > undoLimit {
		return nil
	}
	out := map[lead.ID]string{}
	for _, c := range b.Leads {
		row, err := v.module().Leads.Row(v.ctx(), c.ID)
		if err != nil {
			return nil
		}
		if out[c.ID] = row.OwnerUser; b.Move != nil {
			out[c.ID] = string(row.Status)
		}
	}
	return out
}

// undoText writes who was what, in the version after the change: "nagy|id.version,id.version;|id.version".
func undoText(before map[lead.ID]string, done []lead.Chosen) string {
	groups, order := map[string][]string{}, []string{}
	for _, c := range done {
		was, ok := before[c.ID]
		if !ok {
			return ""
		}
		if groups[was] == nil {
			order = append(order, was)
		}
		groups[was] = append(groups[was], base64.RawURLEncoding.EncodeToString(c.ID[:])+"."+formatVersion(c.Version))
	}
	var parts []string
	for _, was := range order {
		parts = append(parts, url.QueryEscape(was)+"|"+strings.Join(groups[was], ","))
	}
	if text := strings.Join(parts, ";"); len(text) < 1400 {
		return text
	}
	return ""
}

// undoLeadBulk takes a change to some leads back, as far as nobody changed them since.
func (s *screens) undoLeadBulk(v *visit) error {
	f := v.posted()
	count := 0
	for group := range strings.SplitSeq(f.text("before"), ";") {
		was, list, _ := strings.Cut(group, "|")
		was, err := url.QueryUnescape(was)
		if err != nil {
			return errNoPage
		}
		b := lead.Bulk{}
		for text := range strings.SplitSeq(list, ",") {
			id, version, _ := strings.Cut(text, ".")
			raw, err := base64.RawURLEncoding.DecodeString(id)
			n, bad := strconv.ParseInt(version, 10, 64)
			if err != nil || bad != nil || len(raw) != 16 {
				return errNoPage
			}
			b.Leads = append(b.Leads, lead.Chosen{ID: lead.ID(raw), Version: n})
		}
		if f.text("do") == "status" {
			b.Move = &lead.Move{To: lead.Status(was)}
		} else {
			owner := v.ownerOf(was, party.Owner{})
			b.Assign = &owner
		}
		done, err := v.module().Leads.Bulk(v.ctx(), b)
		if err != nil && fault.CodeOf(err) != fault.Invalid {
			return err
		}
		count += len(done.Done)
	}
	v.done("bulk.undone", countText(v.Locale.Language, count))
	return v.redirect(v.back(v.link("/leads")))
}
