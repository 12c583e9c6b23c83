package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// ListName names a list of choices.
type ListName string

// The lists.
const (
	// LeadSources are where leads come from: lead.Lead.Source.
	LeadSources ListName = "lead_source"
	// LostReasons are why opportunities are lost: opportunity.Loss.Reason.
	LostReasons ListName = "lost_reason"
	// Tags are words that records are marked with.
	Tags ListName = "tag"
)

// Lists are all lists of choices.
var Lists = []ListName{LeadSources, LostReasons, Tags}

// Choice is one entry of a list. What records hold is Value, in every language; readers see the text. The
// lists offer and do not compel: records may hold other values, which are shown as they are.
type Choice struct {
	// Value is what is stored in records; at most 60 characters.
	Value string `json:"value"`
	// Texts are what readers see, at most 120 characters each; a missing language shows another one.
	Texts map[locale.Language]string `json:"texts"`
	// Archived choices are no longer offered, but still have their text.
	Archived bool `json:"archived,omitempty"`
}

// Text is the choice as a reader of a language sees it.
func (c Choice) Text(l locale.Language) string {
	if text := c.Texts[l]; text != "" {
		return text
	}
	for _, other := range []locale.Language{locale.English, locale.Hungarian, locale.Hebrew, locale.Russian, locale.Greek} {
		if text := c.Texts[other]; text != "" {
			return text
		}
	}
	return c.Value
}

// ChoiceList is a list in its order.
type ChoiceList struct {
	Name ListName `json:"name"`
	// Version is 0 while the list is the built-in one; [Settings.SetChoices] wants the one that was read.
	Version int64    `json:"version"`
	Choices []Choice `json:"choices"`
}

// Offered are the choices that are not archived.
func (l ChoiceList) Offered() []Choice {
	return slices.DeleteFunc(slices.Clone(l.Choices), func(c Choice) bool { return c.Archived })
}

// Text is what a reader sees where a record holds value: the choice's text, the built-in one of what the company does
// not offer, or the value itself.
func (l ChoiceList) Text(language locale.Language, value string) string {
	for _, c := range l.Choices {
		if c.Value == value {
			return c.Text(language)
		}
	}
	if key := string(l.Name) + "." + value; Texts[key] != nil {
		return Texts.T(language, key)
	}
	return value
}

// ChoiceListTag is the noun of the lists' ids.
type ChoiceListTag struct{}

type choiceRow struct {
	bun.BaseModel `bun:"table:crm_choice_list,alias:choice_list"`

	ID store.Key[ChoiceListTag] `bun:"id,pk"`
	store.Record
	List    ListName `bun:"list,type:nvarchar(30)"`
	Choices string   `bun:"choices"`
}

// Choices gives a list of the company; the built-in one where nobody has changed it.
func (t *Settings) Choices(ctx context.Context, name ListName) (ChoiceList, error) {
	var out ChoiceList
	err := t.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := checkList(name); err != nil {
			return err
		}
		row, err := choicesOf(ctx, s, name)
		if err != nil {
			return err
		}
		out, err = row.list(name)
		return err
	})
	return out, err
}

func checkList(name ListName) error {
	if slices.Contains(Lists, name) {
		return nil
	}
	return fault.New(fault.NotFound, "there is no list of choices %.30q; there are %v", string(name), Lists)
}

func choicesOf(ctx context.Context, s *store.Session, name ListName) (choiceRow, error) {
	var rows []choiceRow
	err := s.Select(&rows).Where("choice_list.company = ?", s.Actor.Company).Where("choice_list.list = ?", name).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return choiceRow{}, err
	}
	return rows[0], nil
}

func (r choiceRow) list(name ListName) (ChoiceList, error) {
	if r.Version == 0 {
		return ChoiceList{Name: name, Choices: builtIn(name)}, nil
	}
	out := ChoiceList{Name: name, Version: r.Version}
	if err := json.Unmarshal([]byte(r.Choices), &out.Choices); err != nil {
		return out, fmt.Errorf("choices %s: %w", name, err)
	}
	return out, nil
}

// MaxChoices is how long a list may become, archived choices included.
const MaxChoices = 200

// SetChoices replaces a list of the company by another one, in its order. It needs actor.Settings and the
// version that was read. A choice that is left out is gone: archive it instead, so that old records keep
// their text.
func (t *Settings) SetChoices(ctx context.Context, l ChoiceList) (ChoiceList, error) {
	return store.Write(ctx, t.db, actor.Settings, func(ctx context.Context, s *store.Session) (ChoiceList, error) {
		if err := checkList(l.Name); err != nil {
			return ChoiceList{}, err
		}
		choices, err := prepareChoices(l.Choices)
		if err != nil {
			return ChoiceList{}, err
		}
		text, err := json.Marshal(choices)
		if err != nil {
			return ChoiceList{}, err
		}
		was, err := choicesOf(ctx, s, l.Name)
		if err != nil {
			return ChoiceList{}, err
		}
		out := ChoiceList{Name: l.Name, Version: 1, Choices: choices}
		if was.Version == 0 {
			return out, s.Insert(ctx, &choiceRow{ID: store.NewKey[ChoiceListTag](s), List: l.Name, Choices: string(text)})
		}
		was.Version = l.Version // where it is another one, Save says who changed the list
		next := was
		next.Choices = string(text)
		if l.Version == 0 {
			return ChoiceList{}, fault.New(fault.Conflict, "%s changed this list since it was read; reload it and repeat your change", was.UpdatedBy)
		}
		err = s.Save(ctx, &was, &next)
		out.Version = next.Version
		return out, err
	})
}

func prepareChoices(from []Choice) ([]Choice, error) {
	var faults fault.List
	if len(from) > MaxChoices {
		faults.Add("choices", "list.length", "are %d, at most %d are kept; remove some that nobody uses", len(from), MaxChoices)
		return nil, faults.Err("the list cannot be saved")
	}
	out := make([]Choice, len(from))
	seen := map[string]int{}
	for i, c := range from {
		at := fmt.Sprintf("choices[%d]", i)
		next := Choice{Value: party.Clean(c.Value, 60), Archived: c.Archived, Texts: map[locale.Language]string{}}
		faults.Required(at+".value", next.Value)
		checkText(&faults, at+".value", next.Value, 60)
		if other, ok := seen[next.Value]; ok && next.Value != "" {
			faults.Add(at+".value", "duplicate", "%q already is the value of entry %d; change one of them", next.Value, other+1)
		}
		seen[next.Value] = i
		for l, text := range c.Texts {
			if !slices.Contains(locale.Languages, l) {
				faults.Add(at+".texts", "choice", "%.10q is no language of the screens; there are %v", string(l), locale.Languages)
				continue
			}
			if text = party.Clean(text, 120); text != "" {
				next.Texts[l] = text
			}
			checkText(&faults, at+".texts."+string(l), text, 120)
		}
		if len(next.Texts) == 0 {
			faults.Add(at+".texts", "required", "are missing; write what readers shall see in at least one language")
		}
		out[i] = next
	}
	return out, faults.Err("the list cannot be saved")
}

func builtIn(name ListName) []Choice {
	var out []Choice
	for _, value := range builtInValues[name] {
		out = append(out, Choice{Value: value, Texts: Texts[string(name)+"."+value]})
	}
	return out
}

// builtInValues are the values of the built-in choices in their order; their texts are in [Texts].
var builtInValues = map[ListName][]string{
	LeadSources: {"web", "phone", "email", "referral", "fair", "campaign", "partner", "social", "walk-in", "other"},
	LostReasons: {"price", "competitor", "no_budget", "no_decision", "timing", "no_need", "features", "terms", "no_answer", "other"},
	Tags:        {"vip", "partner", "reseller", "press", "supplier"},
}
