package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

//go:embed data
var leadFiles embed.FS

// example is a file of leads as people have them, and whose leads they become.
type example struct {
	file, company, user, team string
	// source is where those leads came from whose row says nothing of it.
	source string
	// age is how long ago it came in.
	age time.Duration
}

const day = 24 * time.Hour

var examples = []example{
	{"leads-hu01-honlap.csv", "HU01", "", "budapest", "honlap", 70 * day},
	{"leads-hu01-eksport-ru.csv", "HU01", "ivanova", "export", "exportlista", 64 * day},
	{"leads-hu01-fair-en.csv", "HU01", "smith", "export", "budapesti vásár", 58 * day},
	{"leads-hu01-nevjegyek.vcf", "HU01", "kovacs", "budapest", "névjegykártya", 5 * time.Hour},
	{"leads-gr01-istoselida.csv", "GR01", "", "athina", "ιστοσελίδα", 66 * day},
	{"leads-gr01-expo.xlsx", "GR01", "brown", "export", "έκθεση", 26 * time.Hour},
	{"leads-il01-atar.csv", "IL01", "", "merkaz", "אתר", 61 * day},
	{"leads-il01-ru.csv", "IL01", "petrov", "tzafon", "אתר ברוסית", 2 * time.Hour},
}

// seed imports the example files into a database that has no leads yet, and gives their number.
func (s *shop) seed(ctx context.Context) (int64, error) {
	var total int64
	for _, e := range examples {
		manager, err := s.user(ctx, e.company, "manager-"+strings.ToLower(e.company[:2]))
		if err != nil {
			return total, err
		}
		ctx := actor.With(ctx, actorOf(e.company, manager))
		taken, err := s.importExample(ctx, e)
		if err != nil {
			return total, fmt.Errorf("%s: %w", e.file, err)
		}
		total += taken
	}
	return total, nil
}

func (s *shop) importExample(ctx context.Context, e example) (int64, error) {
	c := s.config
	c.Now = (&past{at: time.Now().UTC().Add(-e.age)}).now
	module, err := crm.New(s.db, c)
	if err != nil {
		return 0, err
	}
	before, err := module.Leads.Imports(ctx, store.Page{Limit: store.MaxLimit})
	if err != nil {
		return 0, err
	}
	for _, i := range before {
		if i.FileName == e.file && i.State != lead.Running {
			return 0, nil
		}
	}
	content, err := leadFiles.ReadFile("data/" + e.file)
	if err != nil {
		return 0, err
	}
	source := lead.Source{Name: e.file, File: bytes.NewReader(content), Size: int64(len(content))}
	preview, err := module.Leads.Preview(ctx, source, lead.PreviewOptions{})
	if err != nil {
		return 0, err
	}
	plan := preview.Plan
	plan.Owner = party.Owner{User: e.user, Team: e.team}
	plan.Source = e.source
	done, err := module.Leads.Import(ctx, source, plan)
	return done.RowsTaken, err
}
