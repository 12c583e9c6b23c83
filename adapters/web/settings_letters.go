package web

import (
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
)

// mailTemplate is what mails of a purpose say in a language, with what was just posted for it.
func (v *visit) mailTemplate(f *input, key string, language locale.Language) (mailTemplate, error) {
	mails := v.module().Mails
	t, err := mails.Template(v.ctx(), key, language)
	if err != nil {
		return mailTemplate{}, err
	}
	one := mailTemplate{Template: t, Own: t.Own()}
	if f.Get("purpose") == key {
		one.Subject, one.Body = f.Get("subject"), f.Get("body")
		one.SubjectFaults, one.BodyFaults = f.Faults["subject"], f.Faults["body"]
	}
	p, err := mails.Purpose(v.ctx(), key)
	one.Fields = v.mergeFields(p.Fields)
	return one, err
}

// letters adds the letters that the company has worded for its rules, and the form of a new one.
func (v *visit) letters(d *mailPage, f *input, language locale.Language) error {
	keys, err := v.module().Mails.Letters(v.ctx())
	if err != nil {
		return err
	}
	for i, key := range keys {
		one, err := v.mailTemplate(f, key, language)
		if err != nil {
			return err
		}
		noun, name, _ := mail.ReadLetter(key)
		one.Mark, one.Letter, one.Title = fmt.Sprintf("letter-%d", i), true, v.t("wf.noun."+noun)+": "+name
		if err := v.nameLetterFields(leadrule.Noun(noun), one.Fields); err != nil {
			return err
		}
		d.Templates = append(d.Templates, one)
	}
	d.Letter = v.blank("letter_noun", string(leadrule.Lead))
	if f.has("letter_name") {
		d.Letter = f
		f.Faults["letter_name"] = append(f.Faults["letter_name"], f.Faults["purpose"]...)
	}
	for _, n := range leadrule.Nouns {
		d.Nouns = append(d.Nouns, option{Value: string(n), Label: v.t("wf.noun." + string(n)), On: string(n) == d.Letter.Get("letter_noun")})
	}
	return nil
}

// nameLetterFields names the fields of records as conditions do.
func (v *visit) nameLetterFields(noun leadrule.Noun, fields []option) error {
	env, err := v.module().Workflows.Environment(v.ctx(), noun)
	if err != nil {
		return err
	}
	for _, r := range env.Records() {
		for _, one := range r.Fields {
			if i := slices.IndexFunc(fields, func(o option) bool { return o.Value == r.Name+"."+one.Name && o.Label == "" }); i >= 0 {
				fields[i].Label = v.ruleFieldName(r.Name, one)
			}
		}
	}
	return nil
}
