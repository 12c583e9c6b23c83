package lead

import (
	"time"

	"github.com/crmplus/crmplus/crm/party"
)

// The kinds of events. The record is the lead; of EventImported and EventImportFinished it is the import.
const (
	EventCaptured  = "lead.captured"
	EventReturned  = "lead.returned"
	EventChanged   = "lead.changed"
	EventStatus    = "lead.status"
	EventAssigned  = "lead.assigned"
	EventMerged    = "lead.merged"
	EventImported  = "lead.imported"
	EventResponded = "lead.responded"

	EventImportFinished = "lead.import_finished"
)

// CapturedFact is the payload of EventCaptured and EventReturned.
type CapturedFact struct {
	Party     party.ID  `json:"party"`
	ArrivedAt time.Time `json:"arrived_at"`
	Channel   Channel   `json:"channel"`
	Source    string    `json:"source"`
	Medium    string    `json:"medium"`
	Campaign  string    `json:"campaign"`
	Owner     string    `json:"owner"`
	Team      string    `json:"team"`
	// Filled are the fields that a returning lead completed.
	Filled []string `json:"filled,omitempty"`
}

// ChangedFact is the payload of EventChanged.
type ChangedFact struct {
	Party party.ID `json:"party"`
}

// StatusFact is the payload of EventStatus.
type StatusFact struct {
	Party  party.ID `json:"party"`
	From   Status   `json:"from"`
	To     Status   `json:"to"`
	Reason string   `json:"reason,omitempty"`
}

// AssignedFact is the payload of EventAssigned.
type AssignedFact struct {
	Party    party.ID `json:"party"`
	From     string   `json:"from"`
	FromTeam string   `json:"from_team"`
	To       string   `json:"to"`
	ToTeam   string   `json:"to_team"`
}

// MergedFact is the payload of EventMerged; the record is the survivor.
type MergedFact struct {
	Loser  ID            `json:"loser"`
	Merge  party.MergeID `json:"merge"`
	Undone bool          `json:"undone,omitempty"`
}

// RespondedFact is the payload of EventResponded.
type RespondedFact struct {
	Party     party.ID  `json:"party"`
	ArrivedAt time.Time `json:"arrived_at"`
	At        time.Time `json:"at"`
	By        string    `json:"by"`
}

// ImportedFact is the payload of EventImported: one chunk of an import.
type ImportedFact struct {
	// Leads are the new leads, Returned those that got a touch.
	Leads    []ID `json:"leads,omitempty"`
	Returned []ID `json:"returned,omitempty"`
}

// ImportFinishedFact is the payload of EventImportFinished.
type ImportFinishedFact struct {
	File string `json:"file"`
	// By is who began the import.
	By string `json:"by"`
	// Read, Taken, Merged and Bad count rows.
	Read   int64 `json:"read"`
	Taken  int64 `json:"taken"`
	Merged int64 `json:"merged"`
	Bad    int64 `json:"bad"`
}
