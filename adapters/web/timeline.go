package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// subject is what a timeline is about: a party with its family, or an opportunity of a party.
type subject struct {
	Party       party.ID
	Opportunity activity.OpportunityID
	// Lead is the lead whose card it is; work on a new one moves it on.
	Lead lead.ID
	// Path is the address of the card that the timeline stands on, with the mount.
	Path string
}

// timelineSize is how many entries are read at a time.
const timelineSize = 30

// timelineTabs are the tabs of a timeline and the kinds of entries that each shows.
var timelineTabs = []struct {
	key, icon string
	kinds     []activity.Kind
}{
	{"all", "", nil},
	{"mails", "mail", []activity.Kind{activity.Mail, activity.Letter}},
	{"calls", "phone", []activity.Kind{activity.Call}},
	{"meetings", "users", []activity.Kind{activity.Meeting}},
	{"tasks", "square-check-big", []activity.Kind{activity.Task}},
	{"notes", "sticky-note", []activity.Kind{activity.Note}},
	{"files", "paperclip", []activity.Kind{activity.FileEntry}},
	{"quotes", "file-text", []activity.Kind{activity.Quote}},
	{"documents", "receipt", []activity.Kind{activity.Document, activity.Conversion}},
}

// timelineView is a timeline as it is drawn, by {{template "timeline" ...}}: what is planned, what
// happened, and the form that adds to it.
type timelineView struct {
	Subject subject
	Tab     string
	Tabs    []timelineTab
	// Planned are soonest first, Items newest first.
	Planned, Items []timelineEntry
	Composer       composer
	// More is the address of the card with the following entries, MorePart that of these alone; "" after
	// the last one. Part is the address of the timeline alone, Here that of the card as it is shown.
	More, MorePart, Part, Here string
	// Later says that the newest entries are not shown.
	Later bool
	// Colleague says that it is a colleague's, and not shown.
	Colleague bool
	// Write says that the visitor may add to it; CSRF is the token of its forms.
	Write bool
	CSRF  string
}

type timelineTab struct {
	Key, Icon, Path, Part string
	On                    bool
}

// ID tells the timelines of one browser apart, for drafts.
func (t timelineView) ID() string {
	if !t.Subject.Opportunity.IsZero() {
		return t.Subject.Opportunity.String()
	}
	return t.Subject.Party.String()
}

func (s *screens) timelineRoutes() []route {
	return []route{
		{Pattern: "GET /timeline", Right: actor.ActivityRead, Do: s.showTimeline},
	}
}

// timeline reads the timeline of a card. The card's address says by "tab" and "after" which part is shown.
// Who may not read activities gets an empty one.
func (v *visit) timeline(about subject) (timelineView, error) {
	asked := v.r.URL.Query()
	t := timelineView{Subject: about, Tab: asked.Get("tab"), CSRF: v.csrf(), Write: v.may(actor.ActivityWrite)}
	if !v.may(actor.ActivityRead) {
		return t, nil
	}
	kinds := t.tabs(v)
	names, err := v.names()
	if err != nil {
		return t, err
	}
	after := asked.Get("after")
	t.Later = after != ""
	planned, happened, err := v.activitiesOf(about, kinds, after)
	if fault.CodeOf(err) == fault.NotFound && !about.Lead.IsZero() { // the lead is his, the customer that it is of is a colleague's
		t.Colleague = true
		return t, nil
	}
	if err != nil {
		return t, err
	}
	links, err := v.documentLinks(about)
	if err != nil {
		return t, err
	}
	t.Here = withQuery(about.Path, "tab", t.Tab, "", "")
	entries := func(items []activity.Item) []timelineEntry {
		out := make([]timelineEntry, len(items))
		for i, item := range items {
			out[i] = v.entry(item, about, names, links)
		}
		return out
	}
	t.Planned, t.Items = entries(onlyKinds(planned.Items, kinds)), entries(happened.Items)
	t.Part = v.timelinePart(about, t.Tab, "")
	if happened.Next != "" {
		t.More = withQuery(about.Path, "tab", t.Tab, "after", happened.Next)
		t.MorePart = v.timelinePart(about, t.Tab, happened.Next)
	}
	t.Composer, err = v.composer(about, v.blank("kind", "note", "direction", "out"), t.Here)
	return t, err
}

// tabs fills the tabs and gives the kinds of the open one; an unknown tab is the first.
func (t *timelineView) tabs(v *visit) []activity.Kind {
	var kinds []activity.Kind
	known := false
	for _, tab := range timelineTabs[1:] {
		if tab.key == t.Tab {
			kinds, known = tab.kinds, true
		}
	}
	if !known {
		t.Tab = ""
	}
	for _, tab := range timelineTabs {
		name := tab.key
		if name == "all" {
			name = ""
		}
		t.Tabs = append(t.Tabs, timelineTab{
			Key: "timeline." + tab.key, Icon: tab.icon, On: name == t.Tab,
			Path: withQuery(t.Subject.Path, "tab", name, "", ""), Part: v.timelinePart(t.Subject, name, ""),
		})
	}
	return kinds
}

func (v *visit) activitiesOf(about subject, kinds []activity.Kind, after string) (planned, happened activity.List, err error) {
	acts, page := v.module().Activities, store.Page{Limit: timelineSize, After: after}
	if about.Opportunity.IsZero() {
		if happened, err = acts.Timeline(v.ctx(), about.Party, kinds, page); err == nil && after == "" {
			planned, err = acts.Upcoming(v.ctx(), about.Party, store.Page{Limit: timelineSize})
		}
		return planned, happened, err
	}
	if happened, err = acts.OpportunityTimeline(v.ctx(), about.Opportunity, kinds, page); err == nil && after == "" {
		planned, err = acts.OpportunityUpcoming(v.ctx(), about.Opportunity, store.Page{Limit: timelineSize})
	}
	return planned, happened, err
}

func onlyKinds(items []activity.Item, kinds []activity.Kind) []activity.Item {
	if kinds == nil {
		return items
	}
	var out []activity.Item
	for _, item := range items {
		for _, k := range kinds {
			if item.Kind == k {
				out = append(out, item)
			}
		}
	}
	return out
}

// timelinePart is the address of a timeline without its card.
func (v *visit) timelinePart(about subject, tab, after string) string {
	q := url.Values{"party": {about.Party.String()}, "card": {about.Path}}
	if !about.Opportunity.IsZero() {
		q.Set("opportunity", about.Opportunity.String())
	}
	if !about.Lead.IsZero() {
		q.Set("lead", about.Lead.String())
	}
	if tab != "" {
		q.Set("tab", tab)
	}
	if after != "" {
		q.Set("after", after)
	}
	return v.link("/timeline") + "?" + q.Encode()
}

// withQuery is a path with at most two values behind it; empty ones are left out.
func withQuery(path, name1, value1, name2, value2 string) string {
	q := url.Values{}
	if value1 != "" {
		q.Set(name1, value1)
	}
	if value2 != "" {
		q.Set(name2, value2)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// showTimeline draws the entries of a timeline for the card that asked, or what follows them. Without
// script nobody comes here; who does is sent to the card.
func (s *screens) showTimeline(v *visit) error {
	q := v.r.URL.Query()
	about, err := v.subjectOf(q)
	if err != nil {
		return err
	}
	about.Path = v.ours(q.Get("card"), v.link("/today"))
	if !v.part() {
		return v.redirect(withQuery(about.Path, "tab", q.Get("tab"), "after", q.Get("after")))
	}
	t, err := v.timeline(about)
	if err != nil {
		return err
	}
	if t.Later {
		return v.fill(http.StatusOK, "timeline", "more", t)
	}
	return v.fill(http.StatusOK, "timeline", "all", t)
}

// subjectOf reads what a timeline is about from values that came from outside; whether the visitor may see
// it is asked by whoever reads it.
func (v *visit) subjectOf(q url.Values) (subject, error) {
	var about subject
	var err error
	if text := q.Get("party"); text != "" {
		if about.Party, err = store.ParseKey[party.Tag](text); err != nil {
			return about, errNoPage
		}
	}
	if text := q.Get("opportunity"); text != "" {
		if about.Opportunity, err = store.ParseKey[activity.OpportunityTag](text); err != nil {
			return about, errNoPage
		}
	}
	if text := q.Get("lead"); text != "" {
		if about.Lead, err = store.ParseKey[lead.Tag](text); err != nil {
			return about, errNoPage
		}
	}
	return about, nil
}

// timelineEntry is one line of a timeline.
type timelineEntry struct {
	activity.Item
	Icon string
	// Title is the line's text; Link where it leads, "" for nowhere.
	Title, Link string
	// About is whom it was with, where that is another than the card's party.
	About, Who, From string
	Late, Long       bool
	// What may be done with it.
	CanAccept, CanComplete, CanEdit, CanReopen bool
	CSRF, Next                                 string
}

// Opens reports whether there is more to it than its line.
func (e timelineEntry) Opens() bool {
	return e.Body != "" || e.Outcome != "" || len(e.Files) > 0 || e.DeclineReason != "" || e.CanEdit || e.CanReopen || e.Minutes > 0
}

// Preview reports whether a file can be shown in the line itself.
func (e timelineEntry) Preview(a activity.Attachment) bool {
	return (activity.File{Name: a.Name, MIME: a.MIME}).Inline()
}

var kindIcons = map[activity.Kind]string{
	activity.Call: "phone", activity.Meeting: "users", activity.Task: "square-check-big", activity.Note: "sticky-note", activity.FileEntry: "paperclip",
	activity.Mail: "mail", activity.Letter: "mail", activity.Quote: "file-text", activity.Document: "receipt", activity.Conversion: "handshake",
	activity.Stage: "flag", activity.Merge: "merge", activity.Touch: "target",
}

func (v *visit) entry(item activity.Item, about subject, names, links map[string]string) timelineEntry {
	e := timelineEntry{Item: item, Icon: kindIcons[item.Kind], Title: item.Subject, CSRF: v.csrf(), Who: names[item.OwnerUser], Next: about.Path}
	if e.Who == "" {
		e.Who = item.OwnerUser
	}
	if e.Title == "" {
		e.Title = firstLine(item.Body)
	}
	if item.PartyID != about.Party || about.Party.IsZero() {
		e.About = item.PartyName
	}
	e.Link = v.entryLink(item, about, links)
	e.Long = len([]rune(item.Body)) >= activity.ExcerptLength
	e.Late = item.State.Open() && item.At.Before(v.s.now())
	if item.DelegatedBy != "" {
		if e.From = names[item.DelegatedBy]; e.From == "" {
			e.From = item.DelegatedBy
		}
	}
	if v.may(actor.ActivityWrite) {
		mine := item.OwnerUser == v.Actor.UserID
		e.CanAccept = item.State == activity.Waiting && mine
		e.CanComplete = item.State == activity.Planned || item.State == activity.Waiting && mine
		e.CanEdit = item.Kind.Written()
		e.CanReopen = item.Kind.Plannable() && !item.State.Open()
	}
	return e
}

func (v *visit) entryLink(item activity.Item, about subject, links map[string]string) string {
	switch {
	case item.RefKind == "quote":
		return v.link("/quotes", item.RefID.String())
	case item.RefKind == "opportunity":
		return v.link("/opportunities", item.RefID.String())
	case item.RefKind == string(party.Customer):
		return v.link("/customers", item.RefText)
	case item.RefKind != "":
		return links[item.RefKind+"/"+item.RefText]
	case !item.OpportunityID.IsZero() && item.OpportunityID != about.Opportunity:
		return v.link("/opportunities", item.OpportunityID.String())
	}
	return ""
}

func firstLine(text string) string {
	for i, r := range text {
		if r == '\n' {
			return text[:i]
		}
	}
	return text
}

// documentLinks are the addresses of the host's pages of the documents that entries are about, by kind and
// number.
func (v *visit) documentLinks(about subject) (map[string]string, error) {
	out := map[string]string{}
	if v.s.config.Links == nil || about.Party.IsZero() {
		return out, nil
	}
	all, err := v.module().Convert.LinksOfParty(v.ctx(), about.Party)
	if fault.CodeOf(err) == fault.NotFound && !about.Opportunity.IsZero() {
		return out, nil // who sells in an opportunity need not see its party
	}
	for _, l := range all {
		if address := hostLink(v.s.config.Links, l.HostKind, l.HostKey); address != "" {
			out[l.HostKind+"/"+l.HostNumber], out[l.HostKind+"/"+l.HostKey] = address, address
		}
	}
	return out, err
}

// soon is a whole hour of the next day of work.
func soon(now time.Time, zone *time.Location) time.Time {
	n := now.In(zone)
	next := time.Date(n.Year(), n.Month(), n.Day()+1, 10, 0, 0, 0, zone)
	for next.Weekday() == time.Saturday || next.Weekday() == time.Sunday {
		next = next.AddDate(0, 0, 1)
	}
	return next
}
