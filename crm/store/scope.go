package store

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun/schema"

	"github.com/crmplus/crmplus/crm/actor"
)

// Predicate is a piece of a WHERE clause with its parameters.
type Predicate struct {
	SQL  string
	Args []any
}

// Guarded is a model whose rows have an owner. Guard gives the predicate that an actor who does not
// see everything is held to; alias is the name the table has in the statement.
type Guarded interface {
	Guard(a actor.Actor, alias string) Predicate
}

// Source names the table, by its model, that {scope} stands for in hand-written SQL.
type Source struct {
	model any
	alias string
}

// From is the Source for a model under an alias; "" means the table's own name.
func From[Model any](alias string) Source { return Source{(*Model)(nil), alias} }

// tableOf gives bun's description of a model's table and refuses models without a company column:
// a row that belongs to no company cannot be protected.
func (s *Session) tableOf(model any) (*schema.Table, error) {
	t := reflect.TypeOf(model)
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("store: %T is not a model", model)
	}
	table := s.db.bun.Table(t)
	if _, ok := table.FieldMap["company"]; !ok {
		return nil, fmt.Errorf("store: %s has no company column", table.Name)
	}
	return table, nil
}

// scope is the company and visibility predicate of a table.
func (s *Session) scope(table *schema.Table, alias string, m mode) Predicate {
	p := Predicate{SQL: alias + ".company = ?", Args: []any{s.Actor.Company}}
	if m == reading && len(s.Actor.Group) > 0 {
		p.SQL = alias + ".company IN (" + In(len(s.Actor.Group)+1) + ")"
		for _, c := range s.Actor.Group {
			p.Args = append(p.Args, c)
		}
	}
	if s.Actor.See == actor.All {
		return p
	}
	if g, ok := reflect.New(table.Type).Interface().(Guarded); ok {
		guard := g.Guard(s.Actor, alias)
		p.SQL += " AND " + guard.SQL
		p.Args = append(p.Args, guard.Args...)
	}
	return p
}

// OwnedBy is the predicate for tables with the columns owner_user and owner_team: the user's own
// rows and, for those who see their team, rows of the user's teams and rows nobody owns.
func OwnedBy(a actor.Actor, alias string) Predicate {
	var b strings.Builder
	fmt.Fprintf(&b, "(%s.owner_user = ?", alias)
	args := []any{a.UserID}
	if a.See == actor.Team {
		fmt.Fprintf(&b, " OR (%[1]s.owner_user = '' AND %[1]s.owner_team = '')", alias)
		if len(a.Teams) > 0 {
			fmt.Fprintf(&b, " OR %s.owner_team IN (%s)", alias, In(len(a.Teams)))
			for _, t := range a.Teams {
				args = append(args, t)
			}
		}
	}
	b.WriteByte(')')
	return Predicate{SQL: b.String(), Args: args}
}

// Or joins predicates by OR.
func Or(ps ...Predicate) Predicate {
	var all Predicate
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.SQL
		all.Args = append(all.Args, p.Args...)
	}
	all.SQL = "(" + strings.Join(texts, " OR ") + ")"
	return all
}

// Exists is the predicate that a row exists which the text, a whole sub-select, finds.
func Exists(subselect string, args ...any) Predicate {
	return Predicate{SQL: "EXISTS (" + subselect + ")", Args: args}
}

// Grant names a table that opens records to single users beside their owners: it has the columns company
// and user_id, and Key holds the id of what is opened.
type Grant struct{ Table, Alias, Key string }

// Granted is the predicate that column is opened to the actor. It is written with IN, not EXISTS: joined
// to [OwnedBy] by [Or], both branches then are index seeks.
func Granted(a actor.Actor, column string, g Grant) Predicate {
	p := Predicate{
		SQL: column + " IN (SELECT " + g.Alias + "." + g.Key + " FROM " + g.Table + " AS " + g.Alias +
			" WHERE " + g.Alias + ".company IN (" + In(len(a.Group)+1) + ") AND " + g.Alias + ".user_id = ?)",
		Args: []any{a.Company},
	}
	for _, c := range a.Group {
		p.Args = append(p.Args, c)
	}
	p.Args = append(p.Args, a.UserID)
	return p
}

// Ways are the sets of rows that an actor sees of a table with the columns owner_user and owner_team, each
// of which one index holds together; shared is what is opened to him beside, as by [Granted]. All of them
// say the same as [OwnedBy] or shared, which as one condition with ORs in it would have the database read
// through the rows of the whole company. They overlap: who puts their rows together leaves out what he has.
func Ways(a actor.Actor, alias string, shared Predicate) []Predicate {
	if a.See == actor.All {
		return []Predicate{{SQL: "1 = 1"}}
	}
	ways := []Predicate{{SQL: alias + ".owner_user = ?", Args: []any{a.UserID}}, shared}
	if a.See != actor.Team {
		return ways
	}
	for _, team := range a.Teams {
		ways = append(ways, Predicate{SQL: alias + ".owner_team = ?", Args: []any{team}})
	}
	return append(ways, Predicate{SQL: alias + ".owner_user = '' AND " + alias + ".owner_team = ''"})
}
