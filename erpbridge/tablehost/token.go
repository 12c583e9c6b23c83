package tablehost

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// claim is what a token is to make.
type claim struct {
	// kind is "customer", "contact" or the kind of a document.
	kind, token string
	// column keeps the token at the host, nil where none does.
	column *column
	// unique: the host's own index lets only one row have it, so that CRM+ need not queue.
	unique bool
	// key is what the token made, where that is known before the row is written.
	key string
}

// claiming is a claim with the remembered key of a row that is gone.
type claiming struct {
	claim claim
	stale string
}

// uniquely reports whether a unique index, of the table or of each company in it, covers a column alone.
func (t *table) uniquely(c *column) bool {
	if c == nil {
		return false
	}
	return slices.ContainsFunc(t.Unique, func(i catalog.Index) bool {
		rest := slices.DeleteFunc(slices.Clone(i.Columns), func(name string) bool { return name == c.Name || t.company != nil && name == t.company.Name })
		return len(rest) == 0 && i.Filter == "" && slices.Contains(i.Columns, c.Name)
	})
}

// remembered gives the key that was made under a token, as CRM+ remembers it; "" where it does not.
func (w work) remembered(ctx context.Context, c claim) (key string, err error) {
	if c.token == "" || c.unique {
		return "", nil
	}
	s := w.script("crm_host_token").add("SELECT host_key FROM crm_host_token")
	c.where(w, s)
	there := false
	err = w.query(ctx, s, shape{n: 1}, func(raw []any) error {
		key, there = textOf(raw[0]), true
		return nil
	})
	if _, before := w.memo.claimed[c.kind+" "+c.token]; !before {
		w.memo.claimed[c.kind+" "+c.token] = remembered{key, there}
	}
	return key, err
}

// remembered is what CRM+ knew of a token when a call first asked.
type remembered struct {
	key   string
	there bool
}

// where finds the token's row.
func (c claim) where(w work, s *script) {
	s.add(" WHERE company = ").text1(w.Company).add(" AND kind = ").text1(c.kind).add(" AND token = ").text1(c.token)
}

// text1 writes a text parameter of a table of CRM+.
func (s *script) text1(text string) *script { return s.param("?", text, nil) }

// claim takes the token before the row is written that it makes, with its key where that is known: whoever comes second with it waits at the
// unique key until the first is done, and is told to begin again, when he finds what the first one made. stale is
// the key that is remembered although its row is gone.
func (w work) claim(ctx context.Context, c claim, stale string) error {
	if c.token == "" || c.unique {
		return nil
	}
	first := w.memo.claimed[c.kind+" "+c.token]
	if stale != first.key {
		return fault.New(fault.Retryable, "the same %s was just written by somebody else; the next try finds it", c.kind)
	}
	if first.there {
		if err := w.reclaim(ctx, c, stale); err != nil || c.key == "" {
			return err
		}
		return w.note(ctx, c, c.key)
	}
	moment := "?"
	if w.h.dialect == catalog.MSSQL {
		moment = "CAST(? AS datetime2(3))"
	}
	s := w.script("crm_host_token").add("INSERT INTO crm_host_token (company, kind, token, host_key, created_at) VALUES (").
		text1(w.Company).add(", ").text1(c.kind).add(", ").text1(c.token).add(", ").text1(c.key).add(", ").
		param(moment, w.Now.UTC().Format(momentForms[w.h.dialect]), nil).add(")")
	err := w.exec(ctx, s)
	if duplicate(err) {
		return fault.Wrap(err, fault.Retryable, "the same %s is being written by somebody else; the next try finds it", c.kind)
	}
	return err
}

// momentForms are how CRM+ keeps instants in its own tables.
var momentForms = map[catalog.Dialect]string{catalog.MSSQL: "2006-01-02T15:04:05.000", catalog.SQLite: "2006-01-02 15:04:05.000"}

// reclaim takes a token whose row is there already, although what it made is gone: the host was restored
// alone, or refused half-way.
func (w work) reclaim(ctx context.Context, c claim, stale string) error {
	s := w.script("crm_host_token").add("UPDATE crm_host_token SET host_key = host_key")
	c.where(w, s)
	if err := w.exec(ctx, s); err != nil {
		return err
	}
	key, err := w.remembered(ctx, c)
	if err == nil && key != stale {
		err = fault.New(fault.Retryable, "the same %s was just written by somebody else; the next try finds it", c.kind)
	}
	return err
}

// note remembers the key that was made.
func (w work) note(ctx context.Context, c claim, key string) error {
	if c.token == "" || c.unique {
		return nil
	}
	s := w.script("crm_host_token").add("UPDATE crm_host_token SET host_key = ").text1(key)
	c.where(w, s)
	return w.exec(ctx, s)
}

// tokenValue is what the host's own column gets: without a token "-" and the key, so that it can be
// unique.
func (w work) tokenValue(token, key string) string {
	if token == "" {
		return "-" + key
	}
	return token
}
