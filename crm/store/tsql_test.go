package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/tsql"
)

func write(t *testing.T, env *testutil.Env, unit func(ctx context.Context, s *store.Session) error) error {
	t.Helper()
	return env.DB.Write(env.As("kovacs", actor.Admin, actor.All), unit)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newField(name, label string, kind store.FieldType) store.CustomField {
	return store.CustomField{RecordKind: "lead", Name: name, Label: label, Type: kind}
}

// TestRecordSQL is the life of a record: inserted, read, locked, saved, in conflict, touched, deleted.
func TestRecordSQL(t *testing.T) {
	env := tsql.Env(t, "record")
	f := newField("colour", "Szín \\\nés méret, 'צבע'", store.TextField)
	must(t, write(t, env, func(ctx context.Context, s *store.Session) error { return s.AddField(ctx, &f) }))

	renamed := f
	must(t, write(t, env, func(ctx context.Context, s *store.Session) error {
		var read store.CustomField
		if err := s.Lock(ctx, &read, f.ID); err != nil {
			return err
		}
		if read.Label != f.Label || read.ID != f.ID || !read.CreatedAt.Equal(env.Clock.Now()) {
			t.Errorf("read %+v, want %+v", read, f)
		}
		renamed = read
		renamed.Label, renamed.Personal, renamed.RemovedAt = "Χρώμα", true, s.Now
		return s.Save(ctx, &read, &renamed)
	}))

	env.Clock.Advance(time.Hour)
	err := write(t, env, func(ctx context.Context, s *store.Session) error {
		late := f
		late.Label = "Цвет"
		return s.Save(ctx, &f, &late)
	})
	if !errors.Is(err, fault.Conflict) {
		t.Errorf("a save over an older version gave %v, want a conflict", err)
	}
	err = write(t, env, func(ctx context.Context, s *store.Session) error {
		again := renamed
		again.RemovedAt = time.Time{}
		if err := s.Save(ctx, &renamed, &again); err != nil {
			return err
		}
		if err := s.Touch(ctx, &again); err != nil {
			return err
		}
		return s.Delete(ctx, &again)
	})
	must(t, err)
	err = write(t, env, func(ctx context.Context, s *store.Session) error { return s.Get(ctx, &f, f.ID) })
	if !errors.Is(err, fault.NotFound) {
		t.Errorf("a deleted record gave %v, want NotFound", err)
	}
}

// TestDuplicateSQL shows what a violated unique key is taken for.
func TestDuplicateSQL(t *testing.T) {
	env := tsql.Env(t, "duplicate")
	fact := event.Fact{Kind: "lead.captured", Record: bytes.Repeat([]byte{7}, 16), Version: 1}
	emit := func(ctx context.Context, s *store.Session) error { return event.Emit(ctx, s, fact) }
	must(t, write(t, env, emit))
	err := write(t, env, func(ctx context.Context, s *store.Session) error {
		err := emit(ctx, s)
		if !s.Duplicate(err) {
			t.Errorf("%v is no duplicate", err)
		}
		return err
	})
	if !errors.Is(err, fault.Retryable) {
		t.Errorf("got %v, want an error that says to repeat", err)
	}
}

func TestSeriesSQL(t *testing.T) {
	env := tsql.Env(t, "series")
	for want := int64(1); want <= 2; want++ {
		must(t, write(t, env, func(ctx context.Context, s *store.Session) error {
			n, err := s.NextNumber(ctx, "quote", 2026)
			if n != want {
				t.Errorf("number %d, want %d", n, want)
			}
			return err
		}))
	}
}

func TestBlobSQL(t *testing.T) {
	env := tsql.Env(t, "blob")
	content := []byte("%PDF-1.7\nÁrajánlat\x00\xff")
	must(t, write(t, env, func(ctx context.Context, s *store.Session) error {
		for range 2 { // the second time it is there
			hash, err := s.PutBlob(ctx, content)
			if err != nil {
				return err
			}
			got, err := s.Blob(ctx, hash)
			if err != nil || !bytes.Equal(got, content) {
				return fmt.Errorf("got %q, %w", got, err)
			}
		}
		return nil
	}))
}

func TestCustomFieldsSQL(t *testing.T) {
	env := tsql.Env(t, "custom")
	fields := []store.CustomField{
		newField("colour", "Szín", store.TextField), newField("width", "Szélesség", store.NumberField), newField("visit", "Látogatás", store.TimeField),
	}
	record := bytes.Repeat([]byte{9}, 16)
	at := time.Date(2026, 10, 25, 1, 30, 0, 7e6, time.UTC)
	must(t, write(t, env, func(ctx context.Context, s *store.Session) error {
		for i := range fields {
			if err := s.AddField(ctx, &fields[i]); err != nil {
				return err
			}
		}
		return s.SetCustom(ctx, "lead", record, map[string]any{"colour": "κόκκινο", "width": money.MustQuantity("12.5"), "visit": at})
	}))
	must(t, write(t, env, func(ctx context.Context, s *store.Session) error {
		if err := s.SetCustom(ctx, "lead", record, map[string]any{"colour": nil}); err != nil {
			return err
		}
		got, err := s.Custom(ctx, "lead", record)
		if len(got) != 2 || fmt.Sprint(got["width"]) != "12.5" || !got["visit"].(time.Time).Equal(at) {
			t.Errorf("got %v, %v", got, err)
		}
		return err
	}))
}

func TestPagingSQL(t *testing.T) {
	env := tsql.Env(t, "paging")
	must(t, write(t, env, func(ctx context.Context, s *store.Session) error {
		rows := make([]store.CustomField, 3)
		for i, name := range []string{"a", "b", "c"} {
			rows[i] = newField(name, "Nagy", store.TextField) // equal labels: the key decides
			rows[i].ID = store.NewKey[store.FieldTag](s)
		}
		return s.Insert(ctx, &rows)
	}))
	ctx := env.As("kovacs", actor.Reader, actor.All)
	order := store.Order{Column: "custom_field.label", ID: "custom_field.id", Desc: true}
	seen, after := "", ""
	for range 2 {
		must(t, env.DB.Read(ctx, func(ctx context.Context, s *store.Session) error {
			var rows []store.CustomField
			if err := s.Paged(s.Select(&rows), order, store.Page{After: after, Limit: 2}).Scan(ctx); err != nil {
				return err
			}
			for _, r := range rows {
				seen += r.Name
				after = store.Cursor(r.Label, r.ID)
			}
			return nil
		}))
	}
	if seen != "cba" {
		t.Errorf("pages gave %q, want cba", seen)
	}
	must(t, env.DB.Read(ctx, func(ctx context.Context, s *store.Session) error {
		p, err := s.PagedSQL(store.Order{Column: "f.name", ID: "f.id"}, store.Page{Limit: 2})
		if err != nil {
			return err
		}
		var names []string
		err = s.Query(ctx, &names, store.From[store.CustomField]("f"), "SELECT f.name FROM crm_custom_field AS f WHERE {scope}"+p.SQL, p.Args...)
		if fmt.Sprint(names) != "[a b]" {
			t.Errorf("names %v, want [a b]", names)
		}
		return err
	}))
}

// TestQueueSQL is the life of queue rows: emitted, claimed, released, left by a dead process, claimed
// again, purged.
func TestQueueSQL(t *testing.T) {
	env := tsql.Env(t, "queue")
	queue := store.Queue{Table: "crm_event", Key: "id", Order: "id"}
	must(t, write(t, env, func(ctx context.Context, s *store.Session) error {
		for i := range 2 {
			err := event.Emit(ctx, s, event.Fact{Kind: "lead.captured", Record: bytes.Repeat([]byte{byte(i + 1)}, 16), Version: 1, Payload: map[string]string{"name": "Szabó Ildikó"}})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	claim := func(want int) []store.Claimed {
		rows, err := env.DB.Claim(context.Background(), queue, 5, time.Minute)
		if err != nil || len(rows) != want {
			t.Fatalf("claimed %d rows, %v; want %d", len(rows), err, want)
		}
		return rows
	}
	release := func(c store.Claimed, state string, want bool) {
		must(t, env.DB.Write(actor.With(context.Background(), actor.System(c.Company, "worker")), func(ctx context.Context, s *store.Session) error {
			ours, err := s.Release(ctx, queue, c, state, store.Predicate{SQL: "failure = ?, due_at = ?", Args: []any{"Ошибка", s.Now.Add(time.Second)}})
			if ours != want {
				t.Errorf("released %v, want %v", ours, want)
			}
			return err
		}))
	}
	first := claim(2)
	claim(0)
	release(first[0], store.StateDone, true)
	env.Clock.Advance(2 * time.Minute)
	second := claim(1)
	release(first[1], store.StateDone, false)
	release(second[0], store.StateDead, true)
	gone, err := env.DB.Purge(context.Background(), queue, env.Clock.Now().Add(time.Minute), 1000)
	if err != nil || gone != 2 {
		t.Errorf("purged %d, %v; want 2", gone, err)
	}
}

// TestWorkerSQL is an event on its way to a handler.
func TestWorkerSQL(t *testing.T) {
	env := tsql.Env(t, "worker")
	registry, got := event.NewRegistry(), ""
	registry.On(event.Handler{Name: "test", Kinds: []string{"lead."}, Do: func(_ context.Context, _ *store.Session, e event.Event) error {
		got += e.Kind + " " + e.Payload
		return nil
	}})
	must(t, write(t, env, func(ctx context.Context, s *store.Session) error {
		return event.Emit(ctx, s, event.Fact{Kind: "lead.captured", Record: bytes.Repeat([]byte{1}, 16), Version: 1})
	}))
	worker := event.Worker{DB: env.DB, Registry: registry}
	if n, err := worker.RunOnce(context.Background()); n != 1 || err != nil {
		t.Errorf("%d handled, %v; want 1", n, err)
	}
	if got != "lead.captured {}" {
		t.Errorf("the handler got %q", got)
	}
	env.Clock.Advance(100 * 24 * time.Hour)
	must(t, worker.Tidy(context.Background()))
}

// TestVisibilitySQL shows the predicates of a group of companies and of an actor's rights.
func TestVisibilitySQL(t *testing.T) {
	env := tsql.Env(t, "visibility")
	system := actor.System(tsql.Company, "report")
	system.Group = []string{"PARENT", "LEÁNY"}
	must(t, env.DB.Read(actor.With(context.Background(), system), func(ctx context.Context, s *store.Session) error {
		var n int
		return s.Query(ctx, &n, store.From[store.AuditEntry]("a"), "SELECT COUNT(*) FROM crm_audit AS a WHERE {scope} AND a.at < ?", s.Now)
	}))
	if companies, err := env.DB.Companies(context.Background(), "crm_audit"); err != nil || len(companies) != 0 {
		t.Errorf("companies %v, %v; want none", companies, err)
	}
}
