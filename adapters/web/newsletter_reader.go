package web

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// readerList is the page of those who get a topic, or asked for it, or left.
type readerList struct {
	Form        *input
	Tabs        []menuItem
	Topics      []option
	States      []option
	Rows        []readerRow
	Address     string
	First, Next string
	// Evidence says that the visitor may see what can be proved of a reader.
	Evidence bool
}

type readerRow struct {
	subscription.Subscriber
	StateText, Dot, BasisText string
}

var subscriptionDots = map[subscription.State]string{
	subscription.Pending: "watch", subscription.Active: "good", subscription.Unsubscribed: "quiet", subscription.Suppressed: "bad",
}

const readerPage = 50

func (s *screens) listReaders(v *visit) error {
	f := v.asked()
	l := readerList{Form: f, Tabs: v.newsletterTabs("/readers"), Address: v.r.URL.Path, Evidence: v.may(actor.Privacy)}
	topics, err := s.module.Newsletters.Subscriptions.Topics(v.ctx())
	if err != nil {
		return err
	}
	filter := subscription.Filter{State: subscription.State(f.text("state")), Page: store.Page{After: f.text("after"), Limit: readerPage}}
	if !slices.Contains(subscription.States, filter.State) {
		filter.State = subscription.Active
	}
	for _, t := range topics {
		if t.ID.String() == f.text("topic") || filter.Topic.IsZero() && f.text("topic") == "" {
			filter.Topic = t.ID
		}
	}
	for _, t := range topics {
		text, _ := t.In(v.Locale.Language)
		l.Topics = append(l.Topics, option{Value: t.ID.String(), Label: text.Name, On: t.ID == filter.Topic})
	}
	for _, one := range subscription.States {
		l.States = append(l.States, option{Value: string(one), Label: one.In(v.Locale.Language), On: one == filter.State})
	}
	if !filter.Topic.IsZero() {
		found, err := s.module.Newsletters.Subscriptions.List(v.ctx(), filter)
		if err != nil {
			return err
		}
		for _, r := range found.Rows {
			l.Rows = append(l.Rows, readerRow{Subscriber: r, StateText: r.State.In(v.Locale.Language), Dot: subscriptionDots[r.State], BasisText: r.Basis.In(v.Locale.Language)})
		}
		if found.Next != "" {
			l.Next = addressWith(v.r.URL, "after", found.Next)
		}
	}
	if filter.Page.After != "" {
		l.First = addressWith(v.r.URL, "after", "")
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "newsletter_readers", "rows", l)
	}
	return v.show(http.StatusOK, "newsletter_readers", head{Title: v.t("reader.list"), Section: "campaigns", Crumbs: v.campaignCrumbs()}, l)
}

// evidenceDialog shows what can be proved about a reader's consent.
type evidenceDialog struct {
	Name string
	Rows []evidenceRow
}

type evidenceRow struct {
	subscription.Evidence
	ActText, BasisText string
}

func (s *screens) showEvidence(v *visit) error {
	id, err := key[party.Tag](v, "id")
	if err != nil {
		return err
	}
	p, err := v.module().Parties.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	all, err := s.module.Newsletters.Subscriptions.EvidenceOf(v.ctx(), id)
	if err != nil {
		return err
	}
	d := evidenceDialog{Name: p.DisplayName}
	for _, e := range all {
		row := evidenceRow{Evidence: e, ActText: e.Act.In(v.Locale.Language)}
		if e.Basis != "" {
			row.BasisText = e.Basis.In(v.Locale.Language)
		}
		d.Rows = append(d.Rows, row)
	}
	return s.saleDialog(v, http.StatusOK, "newsletter_evidence", head{Title: v.t("reader.evidence"), Section: "campaigns", Crumbs: v.campaignCrumbs(crumb{v.t("reader.list"), v.link("/readers")})}, d)
}

// readerImport is the page on which readers come from a file, with the ground on which they may be written to.
type readerImport struct {
	Form      *input
	Topics    []topicChoice
	Bases     []option
	Languages []option
	Result    *subscription.ImportResult
	// Rejects are the first rows that could not be used, as they stood in the file.
	Rejects string
	More    bool
}

func (s *screens) newReaderImport(v *visit) error {
	return s.drawReaderImport(v, v.blank("basis", string(subscription.Consent), "source", "", "statement", "", "language", string(v.Locale.Language)), readerImport{})
}

func (s *screens) drawReaderImport(v *visit, f *input, d readerImport) error {
	var err error
	d.Form, d.Languages = f, languageOptions(f.text("language"))
	if d.Topics, err = v.topicChoices(f, subscription.Email); err != nil {
		return err
	}
	for _, b := range subscription.Bases {
		d.Bases = append(d.Bases, option{Value: string(b), Label: b.In(v.Locale.Language), On: string(b) == f.text("basis")})
	}
	return v.show(f.statusOf(), "newsletter_import", head{Title: v.t("reader.import"), Section: "campaigns", Crumbs: v.campaignCrumbs(crumb{v.t("reader.list"), v.link("/readers")})}, d)
}

// shownRejects is how much of the rows that could not be used the page shows.
const shownRejects = 4000

func (s *screens) importReaders(v *visit) error {
	f := v.posted()
	plan := subscription.ImportPlan{Topics: f.chosenTopics(), Ground: subscription.Ground{
		Basis: subscription.Basis(f.text("basis")), Source: f.text("source"), Statement: f.text("statement"), Language: locale.Language(f.text("language")),
	}}
	if len(plan.Topics) == 0 {
		f.wrong("topics", "campaign.topics.none")
	}
	if plan.Ground.Source == "" {
		f.wrong("source", "fault.required")
	}
	if plan.Ground.Basis == subscription.Consent && plan.Ground.Statement == "" {
		f.wrong("statement", "fault.required")
	}
	var file []byte
	if v.r.MultipartForm == nil || len(v.r.MultipartForm.File["file"]) == 0 || v.r.MultipartForm.File["file"][0].Size == 0 {
		f.wrong("file", "import.fault.none")
	} else {
		var err error
		if file, err = readUpload(v.r.MultipartForm.File["file"][0]); err != nil {
			return err
		}
	}
	if f.bad() {
		return s.drawReaderImport(v, f, readerImport{})
	}
	var rejects bytes.Buffer
	plan.Rejects = &rejects
	result, err := s.module.Newsletters.Subscriptions.Import(v.ctx(), plan, bytes.NewReader(file))
	if err != nil {
		names := map[string]string{"ground.source": "source", "ground.basis": "basis", "ground.statement": "statement", "ground.language": "language"}
		if err := v.refuse(f, repathed(err, names)); err != nil {
			return err
		}
		return s.drawReaderImport(v, f, readerImport{})
	}
	d := readerImport{Result: &result}
	if result.Bad > 0 {
		text := strings.ToValidUTF8(rejects.String(), "")
		d.More = len(text) > shownRejects
		d.Rejects = clip(text, shownRejects)
	}
	return s.drawReaderImport(v, f, d)
}
