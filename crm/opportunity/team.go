package opportunity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// RoleOwner is the role that an owner gets who is named without one.
const RoleOwner = "owner"

// Team is everybody who works on an opportunity.
type Team struct {
	// Owner is the user who answers for it; he is one of the Sellers.
	Owner string `json:"owner"`
	// OwnerTeam is the team whose members see it; "" keeps the one it has.
	OwnerTeam string `json:"owner_team"`
	// Sellers, the owner included, with shares that add up to 100 % exactly. Empty means the owner alone.
	Sellers []Seller `json:"sellers"`
}

// Even gives sellers whose shares are as even as four decimals allow and add up to 100 %: the first
// ones get what is left over.
func Even(users ...string) []Seller {
	if len(users) == 0 {
		return nil
	}
	n := decimal.NewFromInt(int64(len(users)))
	unit := decimal.New(1, -4)
	each := hundred.DivRound(n, 8).Truncate(4)
	left := hundred.Sub(money.NewPercent(each.Mul(n)))
	sellers := make([]Seller, len(users))
	for i, u := range users {
		share := each
		if left.IsPositive() {
			share = share.Add(unit)
			left = left.Sub(money.NewPercent(unit))
		}
		sellers[i] = Seller{User: u, Share: money.NewPercent(share)}
	}
	return sellers
}

// Divide splits an amount by the sellers' shares, in their order; the parts add up to the amount
// rounded to the currency.
func Divide(amount money.Amount, currency string, sellers []Seller) ([]money.Amount, error) {
	shares := make([]money.Percent, len(sellers))
	for i, s := range sellers {
		shares[i] = s.Share
	}
	return money.Split(amount, currency, shares)
}

func (t Team) users() []string {
	users := make([]string, 0, len(t.Sellers))
	for _, s := range t.Sellers {
		users = append(users, s.User)
	}
	return users
}

// normal trims the team and gives an owner who stands alone the whole share.
func (t Team) normal() Team {
	t.Owner, t.OwnerTeam = strings.TrimSpace(t.Owner), strings.TrimSpace(t.OwnerTeam)
	if len(t.Sellers) == 0 && t.Owner != "" {
		t.Sellers = Even(t.Owner)
	}
	t.Sellers = slices.Clone(t.Sellers)
	for i := range t.Sellers {
		s := &t.Sellers[i]
		s.User, s.Role = strings.TrimSpace(s.User), strings.TrimSpace(s.Role)
		if s.User == t.Owner && s.Role == "" {
			s.Role = RoleOwner
		}
	}
	return t
}

// defaultTeam is the acting user alone, in his first team, where nobody is named.
func defaultTeam(a actor.Actor, t Team) Team {
	if strings.TrimSpace(t.Owner) == "" && len(t.Sellers) == 0 && a.Kind == actor.KindUser {
		t.Owner = a.UserID
	}
	if t.OwnerTeam == "" && t.Owner == a.UserID {
		t.OwnerTeam = a.Team()
	}
	return t.normal()
}

// check finds everything wrong with a normal team, but for users the host does not know.
func (t Team) check() fault.List {
	var faults fault.List
	if len(t.Sellers) > MaxParts {
		faults.Add("team.sellers", "count", "there are %d sellers, at most %d fit", len(t.Sellers), MaxParts)
		return faults
	}
	var sum money.Percent
	summed := true
	seen := map[string]bool{}
	for i, s := range t.Sellers {
		var own fault.List
		own.Required("user", s.User)
		if s.User != "" && seen[s.User] {
			own.Add("user", "duplicate", "%s stands twice; put both shares together", s.User)
		}
		seen[s.User] = true
		var share fault.List
		if checkPercent(&share, "share", s.Share); len(share) == 0 {
			sum = sum.Add(s.Share)
		} else {
			summed = false // a share that is wrong by itself says more than a wrong sum
		}
		own.Merge("", share)
		faults.Merge("team.sellers"+index(i), own)
	}
	if len(t.Sellers) > 0 && t.Owner == "" {
		faults.Add("team.owner", "required", "is missing; name the seller who answers for it")
	}
	if t.Owner != "" && !seen[t.Owner] {
		faults.Add("team.sellers", "owner", "the owner %s is not among the sellers; add him, with 0 %% if he gets no share", t.Owner)
	}
	if len(t.Sellers) > 0 && summed && !sum.Equal(hundred) {
		faults.Add("team.sellers", "split.sum", "the shares add up to %s %%; make it 100 %%", sum)
	}
	return faults
}

func (o *Opportunities) checkTeam(ctx context.Context, s *store.Session, faults *fault.List, t Team) error {
	faults.Merge("", t.check())
	unknown, err := o.unknownUsers(ctx, s, t.users())
	for _, u := range unknown {
		if u != "" {
			faults.Add("team.sellers"+index(slices.Index(t.users(), u)), "user.unknown", "%s is not a user of this company; choose one from the list", u)
		}
	}
	return err
}

// SetTeam replaces the whole team in one step, so that the shares never add up to anything but 100 %.
// New members may see the party and the contact from now on. Version is the opportunity's that was
// read, 0 for whichever there is. Closed opportunities take it too, because people leave.
func (o *Opportunities) SetTeam(ctx context.Context, id ID, version int64, team Team) (Opportunity, error) {
	return o.change(ctx, id, version, func(ctx context.Context, s *store.Session, row Opportunity) (Opportunity, error) {
		t := team.normal()
		var faults fault.List
		faults.Required("team.owner", t.Owner)
		if err := o.checkTeam(ctx, s, &faults, t); err != nil {
			return row, err
		}
		if err := faults.Err("the team cannot be saved"); err != nil {
			return row, err
		}
		old, err := sellersOf(ctx, s, id)
		if err != nil {
			return row, err
		}
		next := row
		next.OwnerUser = t.Owner
		if t.OwnerTeam != "" {
			next.OwnerTeam = t.OwnerTeam
		}
		// The record first: whoever takes himself out of the team may do so only while he is in it.
		if err := keep(ctx, s, &row, &next); err != nil {
			return row, err
		}
		if _, err := s.Exec(ctx, store.From[Seller](""), "DELETE FROM crm_opportunity_seller WHERE {scope} AND opportunity_id = ?", id); err != nil {
			return row, err
		}
		if err := o.insertSellers(ctx, s, next, t.Sellers); err != nil {
			return row, err
		}
		return next, teamChanged(ctx, s, row, next, Team{Sellers: old}, t)
	})
}

func teamChanged(ctx context.Context, s *store.Session, before, after Opportunity, was, is Team) error {
	c := store.Change{Field: "team", From: was.text(), To: is.text()}
	err := s.Audit(ctx, store.Entry{Action: "update", Kind: recordKind, Record: after.ID.Bytes(), Version: after.Version, Changes: []store.Change{c}})
	if err != nil {
		return err
	}
	return emit(ctx, s, EventChanged, after, Changed{
		Summary: after.summary(), Fields: append(changedFields(before, after), c.Field),
		SellersAdded: without(is.users(), was.users()), SellersRemoved: without(was.users(), is.users()),
	})
}

func (t Team) text() string {
	texts := make([]string, 0, len(t.Sellers))
	for _, s := range t.Sellers {
		texts = append(texts, fmt.Sprintf("%s %s %s %%", s.User, s.Role, s.Share))
	}
	return cut(strings.Join(texts, "; "))
}

func without(all, gone []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(u string) bool { return slices.Contains(gone, u) })
}

// insertSellers writes a team and lets its members see whom they sell to.
func (o *Opportunities) insertSellers(ctx context.Context, s *store.Session, row Opportunity, sellers []Seller) error {
	rows := slices.Clone(sellers)
	for i := range rows {
		rows[i].OpportunityID = row.ID
	}
	if err := pathed("team.sellers", s.Insert(ctx, &rows)); err != nil {
		return err
	}
	for _, seller := range rows {
		for _, id := range []party.ID{row.PartyID, row.ContactID} {
			if id.IsZero() {
				continue
			}
			if err := o.parties(s).Share(ctx, id, seller.User); err != nil {
				return err
			}
		}
	}
	return nil
}

// sellersOf reads the team, the owner's largest share first.
func sellersOf(ctx context.Context, s *store.Session, id ID) ([]Seller, error) {
	var sellers []Seller
	err := s.Select(&sellers).Where("seller.opportunity_id = ?", id).OrderExpr("seller.share DESC, seller.user_id").Scan(ctx)
	return sellers, err
}
