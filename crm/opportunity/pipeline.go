package opportunity

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// The nouns of a pipeline's ids.
type (
	PipelineTag struct{}
	StageTag    struct{}
)

// The ids of pipelines and stages.
type (
	PipelineID = store.Key[PipelineTag]
	StageID    = store.Key[StageTag]
)

// Pipeline is a row of stages that a kind of sale goes through.
type Pipeline struct {
	bun.BaseModel `bun:"table:crm_pipeline,alias:pipeline"`

	ID PipelineID `bun:"id,pk" json:"id"`
	store.Record
	Name string `bun:"name,type:nvarchar(80)" json:"name"`
	// Position orders the company's pipelines, from 1; the first one is the default.
	Position int `bun:"position" json:"position"`
	// Currency is what new opportunities get, an ISO 4217 code.
	Currency   string    `bun:"currency,type:nvarchar(3)" json:"currency"`
	ArchivedAt time.Time `bun:"archived_at,nullzero" json:"archived_at"`
	// Stages are in their order; archived ones stand at the end.
	Stages []Stage `bun:"-" json:"stages"`
}

// Stage is one step of a pipeline.
type Stage struct {
	bun.BaseModel `bun:"table:crm_stage,alias:stage"`

	ID StageID `bun:"id,pk" json:"id"`
	store.Record
	PipelineID PipelineID `bun:"pipeline_id" json:"pipeline_id"`
	Name       string     `bun:"name,type:nvarchar(80)" json:"name"`
	// Position orders the stages of a pipeline, from 1.
	Position int `bun:"position" json:"position"`
	// Kind is the state that an opportunity has in this stage.
	Kind State `bun:"kind,type:nvarchar(4)" json:"kind"`
	// Chance is what an opportunity gets when it comes into the stage, in percent: 100 in won stages,
	// 0 in lost ones.
	Chance money.Percent `bun:"chance" json:"chance"`
	// RequiredFields must be filled before an opportunity comes into the stage; see [Requirable].
	RequiredFields Words `bun:"required_fields" json:"required_fields"`
	// RequiredActivities are kinds of activities that must have been finished before; a kind that
	// stands twice is needed twice.
	RequiredActivities Words `bun:"required_activities" json:"required_activities"`
	// LimitHours is how many hours of working time an opportunity may stay before it counts as stale, 0 for ever.
	LimitHours int       `bun:"limit_hours" json:"limit_hours"`
	ArchivedAt time.Time `bun:"archived_at,nullzero" json:"archived_at"`
}

// StageDraft describes a new stage; the fields are those of [Stage].
type StageDraft struct {
	Name               string        `json:"name"`
	Kind               State         `json:"kind"`
	Chance             money.Percent `json:"chance"`
	RequiredFields     []string      `json:"required_fields"`
	RequiredActivities []string      `json:"required_activities"`
	LimitHours         int           `json:"limit_hours"`
}

// maxWords is the length of the columns that hold Words, in characters.
const maxWords = 400

// Words is a short list of words without commas or blanks, kept in one column.
type Words []string

// Value joins the words by commas.
func (w Words) Value() (driver.Value, error) {
	text := strings.Join(w, ",")
	if len(text) > maxWords {
		return nil, fmt.Errorf("opportunity: %d characters of words; at most %d fit", len(text), maxWords)
	}
	return text, nil
}

// Scan reads what Value wrote.
func (w *Words) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case nil:
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("opportunity: cannot read words from %T", src)
	}
	*w = nil
	if text != "" {
		*w = strings.Split(text, ",")
	}
	return nil
}

// Equal reports whether both hold the same words; nil equals empty.
func (w Words) Equal(o Words) bool { return strings.Join(w, ",") == strings.Join(o, ",") }

// words cleans a list given by a caller.
func words(faults *fault.List, path string, given []string) Words {
	var all Words
	for i, g := range given {
		g = strings.TrimSpace(g)
		if g == "" || strings.ContainsAny(g, ", \t\r\n\x00") {
			faults.Add(fmt.Sprintf("%s[%d]", path, i), "word.form", "%q is not one word; leave out blanks and commas", g)
			continue
		}
		all = append(all, g)
	}
	if n := len(strings.Join(all, ",")); n > maxWords {
		faults.Add(path, "text.length", "is %d characters long, at most %d fit; shorten it", n, maxWords)
	}
	return all
}

// check finds everything wrong with a stage. It sets the chance of won and lost stages, which is not
// a matter of choice.
func (o *Opportunities) checkStage(st *Stage) fault.List {
	var faults fault.List
	st.Name = strings.TrimSpace(st.Name)
	faults.Required("name", st.Name)
	switch st.Kind {
	case Open:
		checkPercent(&faults, "chance", st.Chance)
	case Won:
		st.Chance = hundred
	case Lost:
		st.Chance = money.Percent{}
	default:
		faults.Add("kind", "choice", "%q is no kind of stage; choose open, won or lost", st.Kind)
	}
	st.RequiredFields = words(&faults, "required_fields", st.RequiredFields)
	for i, f := range st.RequiredFields {
		if !requirable(f) {
			faults.Add(fmt.Sprintf("required_fields[%d]", i), "choice", "%q cannot be required; choose from %s, or custom.<name>", f, strings.Join(Requirable(), ", "))
		}
	}
	st.RequiredActivities = words(&faults, "required_activities", st.RequiredActivities)
	if len(st.RequiredActivities) > 0 && o.config.DoneActivities == nil {
		faults.Add("required_activities", "unsupported", "activities cannot be required here, because nothing counts them; leave the list empty")
	}
	if st.LimitHours < 0 || st.LimitHours > maxLimitHours {
		faults.Add("limit_hours", "range", "is %d; give 0 for no limit, or at most %d", st.LimitHours, maxLimitHours)
	}
	return faults
}

// maxLimitHours is ten years.
const maxLimitHours = 10 * 366 * 24

var hundred = money.MustPercent("100")

func checkPercent(faults *fault.List, path string, p money.Percent) {
	if checkNumber(faults, path, p, 4) && p.GreaterThan(hundred.Decimal) {
		faults.Add(path, "range", "is %s %%; give at most 100 %%", p)
	}
}
