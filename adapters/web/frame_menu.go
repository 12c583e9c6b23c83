package web

import (
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/newsletter/campaign"
)

// frame is what stands around every page.
type frame struct {
	view
	Language  locale.Language
	Direction string
	Menu      []menuItem
	Foot      []menuItem
	Toasts    []toast
	Company   string
	Theme     string
	Density   string
	// Dock are the open opportunities of the standing panel; DockShut says that the visitor closed it.
	Dock     []dockRow
	DockShut bool
	Views    []menuView
	Unread   int
	// Theming is the style that the host sets, "" for none.
	Theming string
	// Leave and LanguagesAt are the host's own addresses, "" where our shell is not shown.
	Leave, LanguagesAt string
	Languages          []option
	// Live is where the page hears of changes, "" where it cannot.
	Live string
}

type menuItem struct {
	Path, Key, Icon string
	Here            bool
	Count           int
}

// menuView is a saved view in the menu.
type menuView struct {
	Name, Path string
	Shared     bool
	Here       bool
}

// dockRow is one open opportunity of the standing panel.
type dockRow struct {
	Path, Name, Party, Value, Stage string
	Late                            bool
	Due                             string
}

type menuEntry struct {
	path, key, icon string
	needs           actor.Right
}

// menu are the pages in the column, settings those at its foot.
var menu = []menuEntry{
	{"/today", "menu.today", "sun", ""},
	{"/leads", "menu.leads", "user-round-plus", actor.LeadRead},
	{"/opportunities", "menu.opportunities", "square-kanban", actor.OpportunityRead},
	{"/quotes", "menu.quotes", "file-text", actor.QuoteRead},
	{"/customers", "menu.customers", "building-2", actor.LeadRead},
	{"/contacts", "menu.contacts", "contact", actor.LeadRead},
	{"/calendar", "menu.activities", "calendar-days", actor.ActivityRead},
	{"/processes", "menu.processes", "clipboard-check", actor.ActivityRead},
	{"/files", "menu.files", "paperclip", actor.ActivityRead},
	{campaignsPath, "menu.campaigns", "megaphone", campaign.Read},
	{"/dashboard", "menu.dashboard", "target", actor.OpportunityRead},
	{"/reports", "menu.reports", "chart-column", actor.ReportRead},
}

var settingsMenu = []menuEntry{
	{"/rules", "menu.rules", "zap", workflow.Read},
	{"/settings", "menu.settings", "settings", ""},
	{"/audit", "menu.audit", "scroll-text", actor.AuditRead},
}

func (v *visit) entries(list []menuEntry, section string) []menuItem {
	var out []menuItem
	for _, m := range list {
		if m.path == campaignsPath && v.s.module.Newsletters == nil {
			continue
		}
		if m.needs == "" || v.may(m.needs) {
			out = append(out, menuItem{Path: v.link(m.path), Key: m.key, Icon: m.icon, Here: strings.TrimPrefix(m.path, "/") == section})
		}
	}
	return out
}

func (v *visit) frame(h head) (frame, error) {
	f := frame{
		Language: v.Locale.Language, Direction: "ltr", Toasts: v.takeToasts(), Company: v.s.config.Brand.Name, Theming: v.s.theming(),
		Menu: v.entries(menu, h.Section), Foot: v.entries(settingsMenu, h.Section),
	}
	if v.s.config.Shell == nil {
		f.Leave, f.LanguagesAt = v.s.config.Leave, v.s.config.Languages
		for _, l := range locale.Languages {
			if f.LanguagesAt != "" {
				f.Languages = append(f.Languages, option{Value: string(l), Label: l.Name(), On: l == f.Language})
			}
		}
	}
	if f.Language.RightToLeft() {
		f.Direction = "rtl"
	}
	if err := v.personal(&f); err != nil {
		return f, err
	}
	return f, nil
}
