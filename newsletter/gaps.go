package newsletter

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// Fields are all that letters and messages may name: what every reader may have, and the company's own fields. It needs
// campaign.Read.
func (n *Newsletters) Fields(ctx context.Context) (content.Fields, error) {
	return store.Read(ctx, n.db, campaign.Read, fields)
}

func fields(ctx context.Context, s *store.Session) (content.Fields, error) {
	own, err := campaign.OwnFields(ctx, s)
	return content.Catalogue(own...), err
}

// Reader is what a letter in a language can say of a party, for previews and tests: without pages of his own, and empty
// where the actor does not see him. It needs campaign.Read.
func (n *Newsletters) Reader(ctx context.Context, id party.ID, l locale.Language) (content.Reader, error) {
	if err := n.refresh(ctx); err != nil {
		return content.Reader{}, err
	}
	return store.Read(ctx, n.db, campaign.Read, func(ctx context.Context, s *store.Session) (content.Reader, error) {
		known, err := fields(ctx, s)
		if err != nil {
			return content.Reader{}, err
		}
		names := make([]string, len(known))
		for i, f := range known {
			names[i] = f.Name
		}
		list, err := n.known(ctx, s, l, names, []campaign.Recipient{{PartyID: id, Language: l}})
		if err != nil {
			return content.Reader{}, err
		}
		return list[0], nil
	})
}

// known reads what letters in a language can say of readers.
func (n *Newsletters) known(ctx context.Context, s *store.Session, l locale.Language, names []string, rows []campaign.Recipient) ([]content.Reader, error) {
	where := n.config.Locales(s.Actor.Company)
	where.Language = l
	list, err := n.directory.Readers(ctx, s, campaign.ReaderQuery{Rows: rows, Names: names, Locale: where})
	for i := range list {
		list[i].Language, list[i].Today = l, civil.In(s.Now, where.Location())
	}
	return list, err
}

// MostLooked is how many readers are looked at for gaps.
const MostLooked = 5000

// lookPiece is how many are read at a time.
const lookPiece = 500

// Gap is a field that some readers of a campaign have no value for, where its letter has neither a default nor a
// condition for that.
type Gap struct {
	Field   string `json:"field"`
	Readers int    `json:"readers"`
}

// Gaps are what is missing before a campaign is sent.
type Gaps struct {
	// Readers is how many were looked at, of the first [MostLooked]; Affected how many of them lack something.
	Readers  int  `json:"readers"`
	Affected int  `json:"affected"`
	Sampled  bool `json:"sampled"`
	// Fields are those that readers lack, what most of them lack first.
	Fields []Gap `json:"fields"`
}

// Gaps looks for readers of a campaign, as it would begin now, for whom a letter would have a gap. They are only counted,
// so that it does not matter whose they are. A letter that cannot be sent is passed over: what is wrong with it is told
// where it is written. It needs subscription.Read, and a campaign that the actor sees.
func (n *Newsletters) Gaps(ctx context.Context, id campaign.ID) (Gaps, error) {
	var out Gaps
	c, err := n.Campaigns.Get(ctx, id)
	if err != nil {
		return out, err
	}
	contents, err := n.Campaigns.Contents(ctx, id)
	if err != nil {
		return out, err
	}
	ctx, err = n.counting(ctx, c)
	if err != nil {
		return out, err
	}
	if err := n.refresh(ctx); err != nil {
		return out, err
	}
	err = n.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		g := gapFinder{n: n, s: s, row: c, letters: map[locale.Language]*letters{}, out: &out}
		return g.find(ctx, contents)
	})
	return out, err
}

// gapFinder looks through the audience of a campaign.
type gapFinder struct {
	n       *Newsletters
	s       *store.Session
	row     campaign.Campaign
	letters map[locale.Language]*letters
	found   content.Gaps
	out     *Gaps
}

// letters are all variants in one language.
type letters struct {
	names []string
	lacks []campaign.Lacks
}

func (g *gapFinder) find(ctx context.Context, contents []campaign.Content) error {
	known, err := fields(ctx, g.s)
	if err != nil {
		return err
	}
	for _, p := range contents {
		lacks, names, err := p.Lacks(g.row.Channel, known)
		if fault.CodeOf(err) == fault.Invalid {
			continue
		}
		if err != nil {
			return err
		}
		l := g.letters[p.Language]
		if l == nil {
			l = &letters{}
			g.letters[p.Language] = l
		}
		l.names, l.lacks = append(l.names, names...), append(l.lacks, lacks)
	}
	if len(g.letters) == 0 {
		return nil
	}
	audience, err := g.n.audience(ctx, g.s, g.row)
	if err != nil {
		return err
	}
	text, args, err := audience.Select(g.s)
	if err != nil {
		return err
	}
	text = "SELECT a.party_id, a.language FROM (" + text + ") AS a WHERE a.party_id > ? AND a.address <> '' AND EXISTS (SELECT 1 FROM crm_campaign AS c WHERE {scope} AND c.id = ?) ORDER BY a.party_id, a.address"
	for after := []byte{0}; ; {
		var rows []campaign.Recipient
		if err := g.s.Query(ctx, &rows, store.From[campaign.Campaign]("c"), text+g.s.Limit(lookPiece), append(slices.Clone(args), after, g.row.ID)...); err != nil {
			return err
		}
		if err := g.look(ctx, rows); err != nil {
			return err
		}
		if g.out.Sampled = len(rows) == lookPiece && g.found.Readers >= MostLooked; g.out.Sampled || len(rows) < lookPiece {
			break
		}
		after = rows[len(rows)-1].PartyID.Bytes()
	}
	g.out.Readers, g.out.Affected = g.found.Readers, g.found.Affected
	for _, one := range g.found.List() {
		g.out.Fields = append(g.out.Fields, Gap{one.Field, one.Readers})
	}
	return nil
}

// look asks for the gaps of some readers, each in the letters that he would get.
func (g *gapFinder) look(ctx context.Context, rows []campaign.Recipient) error {
	by := map[locale.Language][]campaign.Recipient{}
	for _, r := range rows {
		l := r.Language
		if g.letters[l] == nil {
			l = g.row.Language
		}
		if g.letters[l] != nil {
			by[l] = append(by[l], r)
		}
	}
	for l, some := range by {
		list, err := g.n.known(ctx, g.s, l, g.letters[l].names, some)
		if err != nil {
			return err
		}
		for _, r := range list {
			r.Unsubscribe, r.Preference, r.View = "#", "#", "#" // everybody has those
			if r.Email == "" {
				r.Email = "#"
			}
			var missing []string
			for _, lacks := range g.letters[l].lacks {
				missing = append(missing, lacks(r)...)
			}
			slices.Sort(missing)
			g.found.Add("", slices.Compact(missing))
		}
	}
	return nil
}

// counting lets the work count readers whoever they belong to, for an actor who may see how many there are.
func (n *Newsletters) counting(ctx context.Context, c campaign.Campaign) (context.Context, error) {
	choice, err := ParseChoice(c.Audience)
	if err != nil {
		return nil, err
	}
	who, err := actor.From(ctx)
	if err != nil {
		return nil, err
	}
	if err := who.Require(subscription.Read); err != nil {
		return nil, err
	}
	ctx = actor.With(ctx, actor.System(c.Company, "audience"))
	if !choice.Segment.IsZero() { // what SQL cannot say is found out before, in pieces of its own
		_, err = n.Segments.Audience(ctx, choice.Segment, byOf(c.Channel))
	}
	return ctx, err
}
