package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// The limits of a form's own texts.
const (
	secretMinimum  = 32
	logoLimit      = 14000
	labelLimit     = 120
	hintLimit      = 200
	titleLimit     = 120
	introLimit     = 600
	consentLimit   = 900
	versionLimit   = 40
	brandNameLimit = 80
)

var (
	keyForm    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	colourForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

// check names everything that is wrong with a configuration.
func (c FormsConfig) check() fault.List {
	var faults fault.List
	if len(c.Secret) < secretMinimum {
		faults.Add("secret", "secret.length", "has %d bytes; give at least %d random ones, the same in all processes", len(c.Secret), secretMinimum)
	}
	for name, rate := range map[string]FormRate{"client_rate": c.ClientRate, "form_rate": c.FormRate} {
		if rate.Burst < 1 || rate.Every <= 0 {
			faults.Add(name, "rate.form", "is %d at once and one each %s; both must be above zero", rate.Burst, rate.Every)
		}
	}
	if c.MinFill < 0 || c.TokenLife <= c.MinFill {
		faults.Add("token_life", "duration.form", "is %s with a MinFill of %s; the life must be longer, and neither below zero", c.TokenLife, c.MinFill)
	}
	for i, origin := range c.RedirectOrigins {
		if !isOrigin(origin) {
			faults.Add(fmt.Sprintf("redirect_origins[%d]", i), "origin.form", "%q is no origin; write it as https://www.example.com", origin)
		}
	}
	seen := map[string]bool{}
	for i, form := range c.Forms {
		path := fmt.Sprintf("forms[%d]", i)
		faults.Merge(path, form.check(c.RedirectOrigins))
		if len(form.Newsletter.Topics) > 0 && c.Subscribe == nil {
			faults.Add(path+".newsletter", "required", "cannot be asked for; set Subscribe to the Inquire of the module")
		}
		if seen[form.Key] {
			faults.Add(path+".key", "unique", "%q is the key of two forms; give each its own", form.Key)
		}
		seen[form.Key] = true
	}
	return faults
}

func (f Form) check(redirects []string) fault.List {
	var faults fault.List
	if !keyForm.MatchString(f.Key) {
		faults.Add("key", "key.form", "%q cannot stand in a link; use 1 to 40 of a-z, 0-9 and the hyphen", f.Key)
	}
	faults.Required("company", f.Company)
	if !slices.Contains(locale.Languages, f.Language) {
		faults.Add("language", "choice", "%q is no language of the forms; choose one of %v", f.Language, locale.Languages)
	}
	for i, origin := range f.Origins {
		if origin != OwnPage && !isOrigin(origin) {
			faults.Add(fmt.Sprintf("origins[%d]", i), "origin.form", "%q is no origin; write it as https://www.example.com, without a path", origin)
		}
	}
	for i, origin := range f.FrameAncestors {
		if !isOrigin(origin) {
			faults.Add(fmt.Sprintf("frame_ancestors[%d]", i), "origin.form", "%q is no origin; write it as https://www.example.com, without a path", origin)
		}
	}
	f.checkFields(&faults)
	f.checkNewsletter(&faults)
	f.checkTexts(&faults)
	if f.RedirectURL != "" {
		if origin := originOf(f.RedirectURL); origin == "" || !slices.Contains(redirects, origin) {
			faults.Add("redirect_url", "redirect.origin", "%q leads to an origin that is not allowed; add its scheme://host to RedirectOrigins", f.RedirectURL)
		}
	}
	if f.Brand.Accent != "" && !colourForm.MatchString(f.Brand.Accent) {
		faults.Add("brand.accent", "colour.form", "%q is no colour; write it as #1f4e79", f.Brand.Accent)
	}
	if len(f.Brand.Logo) > 0 {
		kind := http.DetectContentType(f.Brand.Logo)
		if !slices.Contains([]string{"image/png", "image/jpeg", "image/webp"}, kind) || len(f.Brand.Logo) > logoLimit {
			faults.Add("brand.logo", "logo.form", "is %s of %d bytes; give a PNG, JPEG or WebP picture of at most %d bytes", kind, len(f.Brand.Logo), logoLimit)
		}
	}
	return faults
}

func (f Form) checkFields(faults *fault.List) {
	seen := map[FieldName]bool{}
	reach := len(f.Fields) == 0
	for i, field := range f.Fields {
		path := fmt.Sprintf("fields[%d]", i)
		if _, ok := fieldKinds[field.Name]; !ok {
			faults.Add(path+".name", "choice", "%q is no field; use one of the Field constants", string(field.Name))
		}
		if seen[field.Name] {
			faults.Add(path+".name", "unique", "%q stands twice in the form", string(field.Name))
		}
		seen[field.Name] = true
		reach = reach || field.Name == FieldEmail || field.Name == FieldPhone
		checkLength(faults, path+".label", field.Label, labelLimit)
		checkLength(faults, path+".hint", field.Hint, hintLimit)
	}
	if !reach {
		faults.Add("fields", "reach", "ask for no way to reach the visitor; add FieldEmail or FieldPhone")
	}
}

func (f Form) checkTexts(faults *fault.List) {
	checkLength(faults, "title", f.Title, titleLimit)
	checkLength(faults, "intro", f.Intro, introLimit)
	checkLength(faults, "button", f.Button, labelLimit)
	checkLength(faults, "thank_you", f.ThankYou, introLimit)
	checkLength(faults, "brand.name", f.Brand.Name, brandNameLimit)
	checkLength(faults, "consent.text", f.Consent.Text, consentLimit)
	checkLength(faults, "consent.version", f.Consent.Version, versionLimit)
	if f.Consent.Text != "" {
		faults.Required("consent.version", f.Consent.Version)
	} else if f.Consent != (FormConsent{}) {
		faults.Add("consent.text", "required", "is missing; give the text that stands beside the box, or leave the whole consent empty")
	}
	if link := f.Consent.PolicyURL; link != "" && !strings.HasPrefix(originOf(link), "https://") {
		faults.Add("consent.policy_url", "link.form", "%q is no https link", link)
	}
}

// checkNewsletter holds the box of newsletters against the fields.
func (f Form) checkNewsletter(faults *fault.List) {
	if len(f.Newsletter.Topics) == 0 {
		return
	}
	checkLength(faults, "newsletter.text", f.Newsletter.Text, introLimit/2)
	if len(f.Fields) > 0 && !slices.ContainsFunc(f.Fields, func(field FormField) bool { return field.Name == FieldEmail }) {
		faults.Add("newsletter", "reach", "goes by e-mail, which the form does not ask for; add FieldEmail")
	}
}

func checkLength(faults *fault.List, path, text string, limit int) {
	if n := utf8.RuneCountInString(text); n > limit {
		faults.Add(path, "text.length", "has %d characters; %d are the most", n, limit)
	}
}

// isOrigin reports whether s is an origin as browsers send it (RFC 6454): lower case, no path, no
// default port.
func isOrigin(s string) bool { return s != "" && originOf(s) == s }

// originOf gives the origin of an absolute http or https link, "" for anything else.
func originOf(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.User != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, " ;,'\"*\\") {
		return ""
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	default:
		return ""
	}
	return u.Scheme + "://" + host
}
