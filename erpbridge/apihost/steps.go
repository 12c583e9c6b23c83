package apihost

import (
	"context"
	"errors"

	"github.com/crmplus/crmplus/erpbridge"
)

// run sends requests in their order. vars gets the answers by name. found is the record that an earlier
// attempt made, nil for none: then requests whose work is there already are left out.
type run struct {
	*host
	s    erpbridge.Session
	vars scope
	// found says that the token's record is there already.
	found bool
	// wrote counts the requests that may have changed something.
	wrote int
}

// all sends the calls.
func (r *run) all(ctx context.Context, calls []*call) error {
	for _, q := range calls {
		if err := r.one(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) one(ctx context.Context, q *call) error {
	if q.spec.Each != "" {
		return r.each(ctx, q)
	}
	if skip, err := r.skip(ctx, q, r.vars); err != nil || skip {
		return err
	}
	return r.request(ctx, q, r.vars)
}

// each sends the call for every line that is not there yet.
func (r *run) each(ctx context.Context, q *call) error {
	lines, _ := r.vars[q.spec.Each+"s"].([]any)
	for i, l := range lines {
		vars := r.vars.with("line", l).with("index", int64(i))
		if skip, err := r.skip(ctx, q, vars); err != nil || skip {
			if err != nil {
				return err
			}
			continue
		}
		if err := r.request(ctx, q, vars); err != nil {
			var f *failure
			if errors.As(err, &f) && f.line == 0 {
				f.line = i + 1
			}
			return err
		}
	}
	return nil
}

// request sends one request and keeps its answer.
func (r *run) request(ctx context.Context, q *call, vars scope) error {
	a, err := r.client.send(ctx, r.s, q, vars)
	if q.there != nil && means(err) == exists {
		return nil // a late answer to an earlier attempt was faster: it is there
	}
	if f, ok := err.(*failure); ok && f.means == unknown && !q.makes() { //nolint:errorlint // failures are never wrapped within the package
		f.means, f.message = later, f.message+"; it can be asked again"
	}
	if err != nil {
		if means(err) == unknown {
			r.wrote++
		}
		return err
	}
	if q.makes() {
		r.wrote++
	}
	if q.spec.Name != "" {
		if a.body == nil {
			a.body = map[string]any{}
		}
		r.vars[q.spec.Name] = a.body
	}
	return nil
}

// skip tells whether a request is left out: its condition does not hold, or an earlier attempt did it.
func (r *run) skip(ctx context.Context, q *call, vars scope) (bool, error) {
	if q.when != nil {
		holds, err := q.when.Run(ctx, vars)
		if err != nil {
			return false, r.formula(q, err)
		}
		if holds != true {
			return true, nil
		}
	}
	if !q.writes() || !r.found && q.there == nil {
		return false, nil
	}
	if q.there != nil {
		there, err := q.there.holds(ctx, vars)
		if err != nil {
			return false, r.formula(q, err)
		}
		if there {
			return true, nil
		}
	}
	if q.done != nil {
		done, err := q.done.Run(ctx, vars)
		if err != nil {
			return false, r.formula(q, err)
		}
		return done == true, nil
	}
	return r.found && q.there == nil, nil // without more knowledge: the record is there, so this was done
}

func (t *thereCheck) holds(ctx context.Context, vars scope) (bool, error) {
	want, err := t.equals.Run(ctx, vars)
	if err != nil {
		return false, err
	}
	for _, l := range t.list.list(vars["found"]) {
		if text(t.field.get(l)) == text(want) {
			return true, nil
		}
	}
	return false, nil
}

func (r *run) formula(q *call, err error) error {
	return &failure{means: refused, message: r.client.say(q.at + ": " + err.Error())}
}

// settled makes the outcome of several requests one: once something was written, a failure means that the
// outcome is unknown. A record that is missing while one is made is a refusal.
func (r *run) settled(err error) error {
	f, ok := err.(*failure) //nolint:errorlint // failures are never wrapped within the package
	if !ok || f.means == unknown {
		return err
	}
	out := *f
	switch {
	case r.wrote > 0:
		out.means = unknown
	case f.means == missing:
		out.means = refused
	}
	return &out
}
