package web

import (
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
)

// capture is the dialog of the quick capture: a text or card is pasted, then what was read of it is looked
// over and taken in.
type capture struct {
	Form *input
	// Read is set when there is something to look over.
	Read    bool
	Similar []similarRow
}

// Seen are the keys of those whom the form shows.
func (c capture) Seen() string { return leadForm{Similar: c.Similar}.Seen() }

// cardBytes is the largest card that is read; a photo may be in it.
const cardBytes = 1 << 20

func (s *screens) askCapture(v *visit) error {
	return v.drawCapture(capture{Form: v.blank("next", v.cameFrom(v.link("/leads")))})
}

func (v *visit) drawCapture(d capture) error {
	return v.dialog("lead_capture", d.Form.statusOf(), head{Title: v.t("capture.title"), Section: "leads", Crumbs: []crumb{{v.t("menu.leads"), v.link("/leads")}}}, d)
}

// readCapture reads what was pasted, or takes in what was looked over.
func (s *screens) readCapture(v *visit) error {
	f := v.posted()
	f.Values.Set("next", v.back(v.link("/leads")))
	if f.text("do") == "save" {
		return v.saveCapture(f)
	}
	text := f.Get("text")
	if v.r.MultipartForm != nil && len(v.r.MultipartForm.File["file"]) > 0 && v.r.MultipartForm.File["file"][0].Size > 0 {
		header := v.r.MultipartForm.File["file"][0]
		if header.Size > cardBytes {
			f.wrong("text", "capture.large")
			return v.drawCapture(capture{Form: f})
		}
		content, err := readUpload(header)
		if err != nil {
			return err
		}
		text = string(content)
	}
	l := v.module().Parties.Locale(v.Actor.Company)
	draft := lead.FromText(text, l)
	f = v.capturedForm(draft, f.Get("next"))
	if !tellsWho(draft) {
		f.Values.Set("text", text)
		f.wrong("text", "capture.nothing")
		return v.drawCapture(capture{Form: f})
	}
	d := capture{Form: f, Read: true}
	if v.may("lead.read") {
		var err error
		if d.Similar, err = v.similar(draft); err != nil {
			return err
		}
	}
	return v.drawCapture(d)
}

// tellsWho reports whether anything was found by which somebody is known or reached.
func tellsWho(d lead.Draft) bool {
	return d.Name != "" || d.Given != "" || d.Family != "" || d.Organization != "" || len(d.Emails) > 0 || len(d.Phones) > 0 || d.Mobile != ""
}

// capturedForm holds what was read of a text.
func (v *visit) capturedForm(d lead.Draft, next string) *input {
	name := d.Name
	if name == "" {
		name = party.Name{Title: d.Title, Given: d.Given, Middle: d.Middle, Patronymic: d.Patronymic, Family: d.Family}.Display(d.Language)
	}
	f := v.blank(
		"name", name, "organization", d.Organization, "job_title", d.JobTitle, "mobile", d.Mobile, "website", d.Website, "tax_id", d.TaxID, "language", string(d.Language),
		"line1", d.Address.Line1, "postal_code", d.Address.PostalCode, "city", d.Address.City, "country", party.CountryName(party.CountryOf(d.Address.Country), v.Locale.Language),
		"interest", d.Interest, "next", next, "email", "", "phone", "",
	)
	if len(d.Emails) > 0 {
		f.Values.Set("email", d.Emails[0])
	}
	if len(d.Phones) > 0 {
		f.Values.Set("phone", d.Phones[0])
	}
	return f
}

// saveCapture takes the lead in.
func (v *visit) saveCapture(f *input) error {
	draft := v.leadDraft(f)
	draft.Origin.Channel = lead.ByCard
	if into := f.text("into"); into != "" && !f.bad() {
		if err := v.addToLead(draft, into); err != nil {
			if err := v.refuse(f, err); err != nil {
				return err
			}
			return v.drawCapture(capture{Form: f, Read: true})
		}
		return nil
	}
	if v.may("lead.read") && !f.bad() {
		found, err := v.similar(draft)
		if err != nil {
			return err
		}
		if !seenAll(found, f.text("seen")) {
			return v.drawCapture(capture{Form: f, Read: true, Similar: found})
		}
	}
	if f.bad() {
		return v.drawCapture(capture{Form: f, Read: true})
	}
	done, err := v.module().Leads.Capture(v.ctx(), draft)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return v.drawCapture(capture{Form: f, Read: true})
	}
	v.module().Wake()
	t := toast{Text: v.t("leads.outcome." + string(done.Outcome))}
	if v.may("lead.read") {
		t.Link, t.Name = v.link("/leads", done.Lead.String()), f.text("name")
		if t.Name == "" {
			t.Name = v.t("button.show")
		}
	}
	v.toast(t)
	return v.redirect(f.Get("next"))
}
