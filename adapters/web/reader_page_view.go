package web

import (
	"html/template"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// readerView is one of the readers' pages as it is shown.
type readerView struct {
	Language  locale.Language
	Direction string
	Style     template.CSS
	// Brand is the company's name.
	Brand, Title, Intro string
	// Done shows the tick of what has been done.
	Done bool
	// Address is where letters go.
	Address string
	// Notice says what was saved.
	Notice string
	// Base is where the forms are sent: the page itself.
	Base   string
	Topics []readerTopicView
	// Choosing makes boxes of the topics, Agreeing shows what the reader agrees to by his press.
	Choosing, Agreeing bool
	// Button is the one press that the page is about.
	Button string
	// Back and All are the presses beside it, "" for none.
	Back, All string
	// Page leads to the preference page, "" for none.
	Page string
}

type readerTopicView struct {
	ID                         string
	Name, Description, Consent string
	On                         bool
	// Language and Direction are those of the topic's texts, which may not exist in the reader's.
	Language  locale.Language
	Direction string
}

// T gives a text of the page.
func (p *readerView) T(key string, args ...any) string {
	return readerTexts.T(p.Language, key, args...)
}

// title sets what the page says first.
func (p *readerView) title(key string, args ...any) {
	p.Title, p.Intro = p.T(key+"_title"), p.T(key, args...)
}

func (v *readerVisit) newView(l locale.Language, brand string) *readerView {
	accent, ink := "", ""
	if v.config.Look != nil && v.link.Company != "" {
		accent, ink = v.config.Look(v.link.Company)
	}
	return &readerView{Language: l, Direction: quoteDirection(l), Style: publicStyle(accent, ink, formCSS, formPageCSS, readerPageCSS), Brand: brand, Base: v.token}
}

func (p *readerView) topic(t subscription.Topic) readerTopicView {
	text, l := t.In(p.Language)
	return readerTopicView{ID: t.ID.String(), Name: text.Name, Description: text.Description, Consent: text.Consent, Language: l, Direction: quoteDirection(l)}
}

// confirmView asks for the press that subscribes, or says that it was done.
func (v *readerVisit) confirmView(c subscription.Confirmation) *readerView {
	p := v.newView(c.Language, c.Name)
	p.Address = c.Address
	for _, t := range c.Topics {
		p.Topics = append(p.Topics, p.topic(t))
	}
	switch {
	case c.Done && c.Ended:
		p.Done, p.Page = true, c.Preference
		p.title("left")
	case c.Done:
		p.Done, p.Page = true, c.Preference
		p.title("confirmed")
	case len(c.Topics) == 0:
		p.title("closed")
	default:
		p.title("confirm")
		p.Button, p.Agreeing = p.T("do_confirm"), true
	}
	return p
}

// choiceView shows everything that the reader has and can have.
func (v *readerVisit) choiceView(pref subscription.Preference) *readerView {
	p := v.newView(pref.Language, pref.Name)
	p.Address, p.Choosing, p.Agreeing = pref.Address, true, true
	p.title("choose")
	some := false
	for _, c := range pref.Choices {
		t := p.topic(c.Topic)
		t.On = c.On()
		some = some || t.On
		p.Topics = append(p.Topics, t)
	}
	if v.r.URL.Query().Has(readerSaved) {
		p.Notice = p.T("saved")
	} else if pref.OptedOut {
		p.Notice = p.T("left_all")
	}
	if len(p.Topics) > 0 {
		p.Button = p.T("do_save")
	}
	if !pref.OptedOut {
		p.All = p.T("do_leave_all")
	}
	return p
}

// leaveView asks for the press that ends a topic, or offers to take it back.
func (v *readerVisit) leaveView(pref subscription.Preference) *readerView {
	p := v.newView(pref.Language, pref.Name)
	p.Address, p.Page = pref.Address, pref.Page
	ended, open := pref.OptedOut, pref.Topic.IsZero()
	for _, c := range pref.Choices {
		if c.Topic.ID == pref.Topic {
			p.Topics = append(p.Topics, p.topic(c.Topic))
			ended = c.State == subscription.Unsubscribed || c.State == subscription.Suppressed
			open = c.Topic.Open()
		}
	}
	switch {
	case ended:
		p.Done = true
		p.title("left")
		if open {
			p.Back = p.T("do_take_back")
		}
	case pref.Topic.IsZero():
		p.title("leave_all")
		p.Button = p.T("do_leave_all")
	default:
		p.title("leave")
		p.Button = p.T("do_leave")
	}
	if !pref.OptedOut && !pref.Topic.IsZero() {
		p.All = p.T("do_leave_all")
	}
	return p
}
