package apikey

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// KeepAnswers is how long an answer is kept for a repetition, at least.
const KeepAnswers = 48 * time.Hour

// Patience is how long a request that is carried out apart is taken to be under way. One that gave no
// answer by then has died with its process, and is carried out again.
const Patience = 10 * time.Minute

// MaxToken is the longest token in characters.
const MaxToken = 120

// Answer is what a request was answered with.
type Answer struct {
	Status int
	// Headers and Body are kept as they are.
	Headers, Body string
	// Repeated says that the request had been carried out before.
	Repeated bool
}

// Request is what must not be carried out twice.
type Request struct {
	Key ID
	// Token is the caller's; a key's tokens are its own.
	Token string
	// Hash tells different requests with one token apart: a SHA-256 in hexadecimal.
	Hash string
}

// row is an answer as it is kept.
type row struct {
	bun.BaseModel `bun:"table:crm_api_answer,alias:answer"`

	Company string    `bun:"company,pk,type:nvarchar(40)"`
	KeyID   ID        `bun:"key_id,pk"`
	Token   string    `bun:"token,pk,type:nvarchar(120)"`
	Hash    string    `bun:"request_hash,type:nvarchar(64)"`
	State   string    `bun:"state,type:nvarchar(8)"`
	Status  int       `bun:"status"`
	Headers string    `bun:"headers,type:nvarchar(1000)"`
	Body    string    `bun:"body"`
	AskedAt time.Time `bun:"asked_at"`
}

const (
	running = "running"
	done    = "done"
)

// Running is in the chain of the error that a repetition gets while the first request is under way.
var Running = errors.New("the first request with this token is under way") //nolint:staticcheck // reads as apikey.Running

// Reused is in the chain of the error that another request with a token gets that was used before.
var Reused = errors.New("the token was used for another request") //nolint:staticcheck // reads as apikey.Reused

// Once carries a request out in one transaction that also keeps its answer; the same request again gives
// that answer. Where do fails nothing is kept, because nothing was changed. Another request with the
// same token is fault.Invalid with [Reused] in its chain.
func (k *Keys) Once(ctx context.Context, r Request, do func(ctx context.Context, s *store.Session) (Answer, error)) (Answer, error) {
	var out Answer
	err := k.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		earlier, err := find(ctx, s, r)
		if err != nil {
			return err
		}
		if earlier != nil {
			out, err = earlier.answer(r)
			return err
		}
		// The row is written first: of two at once the second one waits for it and finds the answer.
		if err := s.InsertQuiet(ctx, &row{KeyID: r.Key, Token: r.Token, Hash: r.Hash, State: running, AskedAt: s.Now}); err != nil {
			return err
		}
		if out, err = do(ctx, s); err != nil {
			return err
		}
		return finish(ctx, s, r, out)
	})
	return out, err
}

// Apart is [Keys.Once] for a request that opens transactions of its own, because it is long or asks
// others over a network. A repetition while it is under way is fault.Conflict with [Running] in its
// chain.
func (k *Keys) Apart(ctx context.Context, r Request, do func(ctx context.Context) (Answer, error)) (Answer, error) {
	var earlier *row
	err := k.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		var err error
		if earlier, err = find(ctx, s, r); err != nil {
			return err
		}
		if earlier != nil && earlier.State == running && s.Now.Sub(earlier.AskedAt) >= Patience {
			if err := remove(ctx, s, r); err != nil {
				return err
			}
			earlier = nil
		}
		if earlier != nil {
			return nil
		}
		return s.InsertQuiet(ctx, &row{KeyID: r.Key, Token: r.Token, Hash: r.Hash, State: running, AskedAt: s.Now})
	})
	if err != nil {
		return Answer{}, err
	}
	if earlier != nil {
		return earlier.answer(r)
	}
	out, failed := do(ctx)
	// The answer is kept also for a caller who does not wait for it any more.
	err = k.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, s *store.Session) error {
		if failed != nil {
			return remove(ctx, s, r)
		}
		return finish(ctx, s, r, out)
	})
	if failed != nil {
		return Answer{}, failed
	}
	return out, err
}

func (r row) answer(asked Request) (Answer, error) {
	switch {
	case r.Hash != asked.Hash:
		return Answer{}, &fault.Error{
			Code: fault.Invalid, Message: "the token was used for another request; give each request a token of its own",
			Faults: []fault.Fault{{Path: "Idempotency-Key", Code: "token.reused", Message: "belongs to another request"}}, Cause: Reused,
		}
	case r.State == running:
		return Answer{}, &fault.Error{Code: fault.Conflict, Message: "the first request with this token is still under way; ask again in a moment", Cause: Running}
	}
	return Answer{Status: r.Status, Headers: r.Headers, Body: r.Body, Repeated: true}, nil
}

func find(ctx context.Context, s *store.Session, r Request) (*row, error) {
	if r.Token == "" || len(r.Token) > MaxToken {
		var faults fault.List
		faults.Add("Idempotency-Key", "length", "has %d characters; give 1 to %d", len(r.Token), MaxToken)
		return nil, faults.Err("the request cannot be made repeatable")
	}
	var rows []row
	// Group lets the actor read other companies' rows; an answer is his own company's alone.
	err := s.Query(ctx, &rows, store.From[row]("a"), "SELECT a.* FROM crm_api_answer AS a WHERE {scope} AND a.company = ? AND a.key_id = ? AND a.token = ?", s.Actor.Company, r.Key, r.Token)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

func finish(ctx context.Context, s *store.Session, r Request, a Answer) error {
	_, err := s.Exec(ctx, store.From[row](""), "UPDATE crm_api_answer SET state = ?, status = ?, headers = ?, body = ? WHERE {scope} AND key_id = ? AND token = ?",
		done, a.Status, a.Headers, a.Body, r.Key, r.Token)
	return err
}

func remove(ctx context.Context, s *store.Session, r Request) error {
	_, err := s.Exec(ctx, store.From[row](""), "DELETE FROM crm_api_answer WHERE {scope} AND key_id = ? AND token = ?", r.Key, r.Token)
	return err
}

// forgotten is how many answers one transaction of [Keys.Forget] removes.
const forgotten = 500

// Forget removes the answers of the actor's company that are older than [KeepAnswers], and reports how
// many. Only the system may.
func (k *Keys) Forget(ctx context.Context) (int, error) {
	total := 0
	for {
		var n int64
		err := k.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
			n = 0
			if s.Actor.Kind != actor.KindSystem {
				return fault.New(fault.Forbidden, "only the system forgets answers")
			}
			before := s.Now.Add(-KeepAnswers)
			var oldest []time.Time
			err := s.Query(ctx, &oldest, store.From[row]("a"), "SELECT a.asked_at FROM crm_api_answer AS a WHERE {scope} AND a.asked_at < ? ORDER BY a.asked_at"+s.Limit(forgotten), before)
			if err != nil || len(oldest) == 0 {
				return err
			}
			n, err = s.Exec(ctx, store.From[row](""), "DELETE FROM crm_api_answer WHERE {scope} AND asked_at <= ?", oldest[len(oldest)-1])
			return err
		})
		if total += int(n); err != nil || n == 0 {
			return total, err
		}
	}
}
