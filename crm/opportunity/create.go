package opportunity

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Draft describes a new opportunity. PartyID and Name must be given.
type Draft struct {
	PartyID   party.ID `json:"party_id"`
	ContactID party.ID `json:"contact_id"`
	// Pipeline defaults to the company's first one, Stage to the pipeline's first open stage.
	Pipeline PipelineID `json:"pipeline_id"`
	Stage    StageID    `json:"stage_id"`
	Name     string     `json:"name"`
	Goal     string     `json:"goal"`
	// Chance in percent is set by hand where it is given; nil takes the stage's.
	Chance *money.Percent `json:"chance"`
	// ExpectedRevenue is set by hand where it is given; nil takes the sum of the lines.
	ExpectedRevenue *money.Amount `json:"expected_revenue"`
	// Currency defaults to the pipeline's.
	Currency      string       `json:"currency"`
	ExpectedClose civil.Date   `json:"expected_close"`
	NextStepAt    time.Time    `json:"next_step_at"`
	Source        string       `json:"source"`
	Campaign      string       `json:"campaign"`
	LeadID        LeadID       `json:"lead_id"`
	Lines         []Line       `json:"lines"`
	Competitors   []Competitor `json:"competitors"`
	// Team defaults to the acting user alone, with 100 %; an opportunity that the system makes has no
	// owner unless one is given.
	Team Team `json:"team"`
	// Custom are values of custom fields; see store.Session.SetCustom.
	Custom map[string]any `json:"custom"`
}

// Create makes an opportunity. It is held against the required fields of its stage; required
// activities are asked for from the second stage on, because none can exist yet.
func (o *Opportunities) Create(ctx context.Context, d Draft) (Opportunity, error) {
	return store.Write(ctx, o.db, actor.OpportunityWrite, func(ctx context.Context, s *store.Session) (Opportunity, error) {
		return o.create(ctx, s, d)
	})
}

func (o *Opportunities) create(ctx context.Context, s *store.Session, d Draft) (Opportunity, error) {
	var faults fault.List
	p, st, err := o.place(ctx, s, &faults, d)
	if err != nil {
		return Opportunity{}, err
	}
	if p.Currency == "" {
		p.Currency = o.locale(s.Actor.Company).Currency
	}
	d.Team = defaultTeam(s.Actor, d.Team)
	d.Lines, d.Competitors = slices.Clone(d.Lines), slices.Clone(d.Competitors)
	row := drafted(s, d, p, st)
	if err := o.checkPeople(ctx, s, &faults, &row, d.Team); err != nil {
		return row, err
	}
	checkRecord(&faults, row)
	faults.Merge("", computeLines(d.Lines, row.Currency))
	faults.Merge("", checkCompetitors(d.Competitors))
	row.ExpectedRevenue = revenue(&faults, d.ExpectedRevenue, d.Lines)
	f := filled{Opportunity: row, lines: len(d.Lines), competitors: len(d.Competitors), custom: d.Custom}
	if slices.Contains(st.RequiredFields, "contact_id") {
		if f.person, err = ofPerson(ctx, s, row.PartyID); err != nil {
			return row, err
		}
	}
	faults.Merge("", missingFields(st, f))
	if st.ID != first(p.Stages, Open).ID {
		faults.Merge("", missingActivities(st, nil))
	}
	if err := faults.Err("the opportunity cannot be created"); err != nil {
		return row, err
	}
	row.weigh()
	return row, o.insert(ctx, s, &row, d)
}

// place finds the pipeline and stage of a draft. Where there are none it leaves faults, so that the
// rest of the draft is checked too.
func (o *Opportunities) place(ctx context.Context, s *store.Session, faults *fault.List, d Draft) (Pipeline, Stage, error) {
	if !d.Stage.IsZero() && d.Pipeline.IsZero() {
		var st Stage
		if err := s.Get(ctx, &st, d.Stage); err != nil {
			return Pipeline{}, Stage{}, misplaced(err, faults, "stage_id")
		}
		d.Pipeline = st.PipelineID
	}
	var p Pipeline
	var err error
	if d.Pipeline.IsZero() {
		p, err = o.firstPipeline(ctx, s)
	} else {
		p, err = pipelineOf(ctx, s, d.Pipeline)
	}
	if err != nil {
		return Pipeline{}, Stage{}, misplaced(err, faults, "pipeline_id")
	}
	if p.Company != s.Actor.Company || !p.ArchivedAt.IsZero() {
		faults.Add("pipeline_id", "archived", "the pipeline %q is not in use; choose another one", p.Name)
	}
	st := first(p.Stages, Open)
	for _, candidate := range p.Stages {
		if candidate.ID == d.Stage {
			st = candidate
		}
	}
	switch {
	case !d.Stage.IsZero() && st.ID != d.Stage:
		faults.Add("stage_id", "stage.elsewhere", "the stage is not part of the pipeline %q; choose one that is", p.Name)
	case st.Kind != Open:
		faults.Add("stage_id", "stage.closed", "%q is not an open stage; create the opportunity in an open one, then close it", st.Name)
	case !st.ArchivedAt.IsZero():
		faults.Add("stage_id", "archived", "the stage %q is not in use; choose another one", st.Name)
	}
	return p, st, nil
}

// misplaced turns "there is none" into a fault at the field that named it.
func misplaced(err error, faults *fault.List, path string) error {
	if !errors.Is(err, fault.NotFound) {
		return err
	}
	faults.Add(path, "unknown", "there is none with this id; choose one from the list")
	return nil
}

func drafted(s *store.Session, d Draft, p Pipeline, st Stage) Opportunity {
	row := Opportunity{
		ID: store.NewKey[Tag](s), PartyID: d.PartyID, ContactID: d.ContactID, PipelineID: p.ID, StageID: st.ID, State: Open,
		Name: strings.TrimSpace(d.Name), Goal: strings.TrimSpace(d.Goal), Chance: st.Chance,
		RevenueManual: d.ExpectedRevenue != nil, Currency: d.Currency, ExpectedClose: d.ExpectedClose, StageSince: s.Now,
		NextStepAt: store.UTC(d.NextStepAt), Source: strings.TrimSpace(d.Source), Campaign: strings.TrimSpace(d.Campaign), LeadID: d.LeadID,
		OwnerUser: d.Team.Owner, OwnerTeam: d.Team.OwnerTeam,
	}
	if d.Chance != nil {
		row.Chance, row.ChanceManual = *d.Chance, true
	}
	if row.Currency == "" {
		row.Currency = p.Currency
	}
	return row
}

// insert writes a checked opportunity with all its parts.
func (o *Opportunities) insert(ctx context.Context, s *store.Session, row *Opportunity, d Draft) error {
	if err := s.Insert(ctx, row); err != nil {
		return err
	}
	if err := insertLines(ctx, s, row.ID, d.Lines, nil); err != nil {
		return err
	}
	if err := insertCompetitors(ctx, s, row.ID, d.Competitors, nil); err != nil {
		return err
	}
	if err := o.insertSellers(ctx, s, *row, d.Team.Sellers); err != nil {
		return err
	}
	if len(d.Custom) > 0 {
		if err := s.SetCustom(ctx, recordKind, row.ID.Bytes(), maps.Clone(d.Custom)); err != nil {
			return err
		}
	}
	arrival := StageMove{ID: store.NewKey[MoveTag](s), OpportunityID: row.ID, To: row.StageID, By: s.Actor.UserID, At: s.Now, ToChance: row.Chance}
	if err := s.Insert(ctx, &arrival); err != nil {
		return err
	}
	return emit(ctx, s, EventCreated, *row, Created{
		Summary: row.summary(), LeadID: row.LeadID, Source: row.Source, Campaign: row.Campaign, Sellers: d.Team.users(),
	})
}

// checkPeople follows party and contact through merges, and holds them and the team against what the
// actor may see and the host knows.
func (o *Opportunities) checkPeople(ctx context.Context, s *store.Session, faults *fault.List, row *Opportunity, t Team) error {
	var err error
	if row.PartyID.IsZero() {
		faults.Add("party_id", "required", "is missing; choose whom it is sold to")
	} else if row.PartyID, err = o.reach(ctx, s, faults, "party_id", row.PartyID); err != nil {
		return err
	}
	if row.ContactID, err = o.reach(ctx, s, faults, "contact_id", row.ContactID); err != nil {
		return err
	}
	return o.checkTeam(ctx, s, faults, t)
}

// reach gives the id of the party that stands for id today.
func (o *Opportunities) reach(ctx context.Context, s *store.Session, faults *fault.List, path string, id party.ID) (party.ID, error) {
	if id.IsZero() {
		return id, nil
	}
	p, err := o.parties(s).Get(ctx, id)
	if errors.Is(err, fault.NotFound) {
		faults.Add(path, "unknown", "there is no such person or company, or you may not see it; choose another one")
		return id, nil
	}
	return p.ID, err
}

func (o *Opportunities) parties(s *store.Session) *party.Parties {
	return party.New(nil, o.locale).In(s)
}

// checkRecord finds what is wrong with the fields of the record itself.
func checkRecord(faults *fault.List, row Opportunity) {
	faults.Required("name", row.Name)
	checkPercent(faults, "chance", row.Chance)
	checkCurrency(faults, row.Currency)
	if y := row.ExpectedClose.Year; !row.ExpectedClose.IsZero() && (y < 1900 || y > 2999) {
		faults.Add("expected_close", "range", "%s is not a likely date; write the year with four digits", row.ExpectedClose)
	}
}
