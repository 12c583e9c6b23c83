package track

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/uptrace/bun"
)

// campaignRow is locked by whoever writes events of a campaign: several processes write one after the other.
type campaignRow struct {
	bun.BaseModel `bun:"table:crm_track_campaign,alias:track_campaign"`

	Campaign  int64     `bun:"campaign,pk"`
	Company   string    `bun:"company,type:nvarchar(40)"`
	WrittenAt time.Time `bun:"written_at"`
	// Closed is 1 when nothing more is recorded.
	Closed int `bun:"closed"`
}

// eventRow is an [Event]. Its key begins with campaign and reader, because a verdict needs all that one
// reader did.
type eventRow struct {
	bun.BaseModel `bun:"table:crm_track_event,alias:track_event"`

	Campaign int64 `bun:"campaign,pk"`
	Seq      int64 `bun:"seq,pk"`
	// At is in Unix milliseconds.
	At      int64  `bun:"at,pk"`
	Nr      int64  `bun:"nr,pk"`
	Company string `bun:"company,type:nvarchar(40)"`
	Kind    int    `bun:"kind"`
	Link    int    `bun:"link"`
	Verdict int    `bun:"verdict"`
	Flags   int    `bun:"flags"`
	Network string `bun:"network,type:nvarchar(43)"`
	Agent   int64  `bun:"agent"`
}

// agentRow is a program's name, kept once.
type agentRow struct {
	bun.BaseModel `bun:"table:crm_track_agent,alias:track_agent"`

	Company string `bun:"company,type:nvarchar(40)"`
	ID      int64  `bun:"id,pk"`
	Name    string `bun:"name,type:nvarchar(300)"`
}

// agentID is the number of a program's name: the first 63 bits of its SHA-256, never 0.
func agentID(name string) int64 {
	sum := sha256.Sum256([]byte(name))
	return max(1, int64(binary.BigEndian.Uint64(sum[:8])>>1))
}

// readerRow is what one reader did, by genuine events, and how many events there were of any verdict.
type readerRow struct {
	bun.BaseModel `bun:"table:crm_track_reader,alias:track_reader"`

	Campaign int64  `bun:"campaign,pk"`
	Seq      int64  `bun:"seq,pk"`
	Company  string `bun:"company,type:nvarchar(40)"`
	Opens    int64  `bun:"opens"`
	Clicks   int64  `bun:"clicks"`
	AnyOpens int64  `bun:"any_opens"`
	AnyClick int64  `bun:"any_clicks"`
	// OpenedAt, ClickedAt and LastAt are in Unix milliseconds, 0 for never.
	OpenedAt  int64 `bun:"opened_at"`
	ClickedAt int64 `bun:"clicked_at"`
	LastAt    int64 `bun:"last_at"`
	// Links has bit n set where link n was pressed; links from 63 on have none.
	Links int64 `bun:"links"`
}

// countRow is a running count: of one link, or of all where Link is 0 (links are counted from 1 here).
type countRow struct {
	bun.BaseModel `bun:"table:crm_track_count,alias:track_count"`

	Campaign int64  `bun:"campaign,pk"`
	Kind     int    `bun:"kind"`
	Link     int    `bun:"link"`
	Verdict  int    `bun:"verdict"`
	Company  string `bun:"company,type:nvarchar(40)"`
	Events   int64  `bun:"events"`
	Readers  int64  `bun:"readers"`
}

// hourRow is a running count of one hour.
type hourRow struct {
	bun.BaseModel `bun:"table:crm_track_hour,alias:track_hour"`

	Campaign int64 `bun:"campaign,pk"`
	// Hour is in hours since 1970, UTC.
	Hour    int64  `bun:"hour"`
	Kind    int    `bun:"kind"`
	Verdict int    `bun:"verdict"`
	Company string `bun:"company,type:nvarchar(40)"`
	Events  int64  `bun:"events"`
	Readers int64  `bun:"readers"`
}

func (r *eventRow) event(agents map[int64]string) Event {
	return Event{
		Campaign: r.Campaign, Seq: uint32(r.Seq), Kind: Kind(r.Kind), Link: uint16(r.Link), At: time.UnixMilli(r.At).UTC(),
		Network: r.Network, Agent: agents[r.Agent], Flags: Flag(r.Flags), Verdict: Verdict(r.Verdict), nr: r.Nr,
	}
}

func rowOf(e *Event) eventRow {
	return eventRow{
		Campaign: e.Campaign, Seq: int64(e.Seq), At: e.At.UnixMilli(), Nr: e.nr, Kind: int(e.Kind), Link: int(e.Link),
		Verdict: int(e.Verdict), Flags: int(e.Flags), Network: e.Network, Agent: agentID(e.Agent),
	}
}
