package party

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// Tag is the noun of party ids.
type Tag struct{}

// ID identifies a party. It never changes: what hangs on a party (activities, subscriptions, cases)
// keeps its id through conversion and merge.
type ID = store.Key[Tag]

// Kind says whether a party is a person or a company.
type Kind string

// The kinds of party.
const (
	Person  Kind = "person"
	Company Kind = "company"
)

// Party is one person or company, whatever roles it has.
type Party struct {
	bun.BaseModel `bun:"table:crm_party,alias:party"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	Kind Kind `bun:"kind,type:nvarchar(10)" json:"kind"`
	// DisplayName is the whole name in the order of the party's language, or the company's name.
	DisplayName string `bun:"name,type:nvarchar(240)" json:"name"`
	SortKey     []byte `bun:"sort_key" json:"-"`

	Title      string `bun:"title,type:nvarchar(40)" json:"title"`
	Given      string `bun:"given,type:nvarchar(80)" json:"given"`
	Middle     string `bun:"middle,type:nvarchar(80)" json:"middle"`
	Patronymic string `bun:"patronymic,type:nvarchar(80)" json:"patronymic"`
	Particle   string `bun:"particle,type:nvarchar(40)" json:"particle"`
	Family     string `bun:"family,type:nvarchar(120)" json:"family"`
	Suffix     string `bun:"suffix,type:nvarchar(40)" json:"suffix"`

	Gender    Gender          `bun:"gender,type:nvarchar(1)" json:"gender"`
	Language  locale.Language `bun:"language,type:nvarchar(5)" json:"language"`
	BirthDate civil.Date      `bun:"birth_date" json:"birth_date"`
	// Email is the first address as it is written to; further ones are points.
	Email string `bun:"email,type:nvarchar(254)" json:"email"`
	// Phone and Mobile are in E.164; what could not be read as a number is kept as it came.
	Phone    string `bun:"phone,type:nvarchar(40)" json:"phone"`
	Mobile   string `bun:"mobile,type:nvarchar(40)" json:"mobile"`
	Website  string `bun:"website,type:nvarchar(200)" json:"website"`
	JobTitle string `bun:"job_title,type:nvarchar(120)" json:"job_title"`
	// TaxID is normalised with its country: HU12345676.
	TaxID string `bun:"tax_id,type:nvarchar(40)" json:"tax_id"`

	Line1      string `bun:"line1,type:nvarchar(120)" json:"line1"`
	Line2      string `bun:"line2,type:nvarchar(120)" json:"line2"`
	PostalCode string `bun:"postal_code,type:nvarchar(20)" json:"postal_code"`
	City       string `bun:"city,type:nvarchar(80)" json:"city"`
	Region     string `bun:"region,type:nvarchar(80)" json:"region"`
	Country    string `bun:"country,type:nvarchar(2)" json:"country"`

	// EmployerID is the company a person works for.
	EmployerID ID `bun:"employer_id" json:"employer_id"`
	// MergedInto is set on a party that was found to be another one; it then stands for that one.
	MergedInto ID        `bun:"merged_into" json:"merged_into"`
	ErasedAt   time.Time `bun:"erased_at,nullzero" json:"erased_at"`
	OwnerUser  string    `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam  string    `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// Guard lets a user see the parties of his visibility and those shared with him.
func (Party) Guard(a actor.Actor, alias string) store.Predicate {
	return store.Or(store.OwnedBy(a, alias),
		store.Exists("SELECT 1 FROM crm_party_share AS share WHERE share.party_id = "+alias+".id AND share.user_id = ?", a.UserID))
}

// Name gives the parts of a person's name.
func (p Party) Name() Name {
	return Name{Title: p.Title, Given: p.Given, Middle: p.Middle, Patronymic: p.Patronymic, Particle: p.Particle, Family: p.Family, Suffix: p.Suffix, Full: p.DisplayName}
}

// Address gives the party's main address.
func (p Party) Address() Address {
	return Address{Line1: p.Line1, Line2: p.Line2, PostalCode: p.PostalCode, City: p.City, Region: p.Region, Country: p.Country}
}
