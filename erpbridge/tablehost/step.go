package tablehost

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
)

// rounds gives the variables for each time that a step runs which is repeated for every line or tax. Where
// it is nil there is nothing to repeat for.
type rounds func(each string) []vars

func (r rounds) of(each string, with vars) []vars {
	switch {
	case r != nil:
		return r(each)
	case each == "":
		return []vars{with}
	}
	return nil
}

// steps runs steps in their order. The keys that they make stand in with["steps"] afterwards.
func (w work) steps(ctx context.Context, list []*step, with vars, r rounds) error {
	if with["steps"] == nil {
		with["steps"] = map[string]any{}
	}
	for _, s := range list {
		for _, v := range r.of(s.each, with) {
			run, err := w.due(ctx, s, v)
			if err == nil && run {
				err = w.step(ctx, s, v)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// due reports whether a step's condition holds.
func (w work) due(ctx context.Context, s *step, with vars) (bool, error) {
	if s.when == nil {
		return true, nil
	}
	v, err := w.run(ctx, s.path+".when", s.when, with)
	yes, _ := v.(bool)
	return yes, err
}

func (w work) step(ctx context.Context, s *step, with vars) error {
	if s.verb == unsafeVerb {
		return w.unsafely(ctx, s, with)
	}
	where, err := w.conds(ctx, s.where, with)
	if err != nil {
		return err
	}
	switch s.verb {
	case guardVerb, refuseVerb:
		n, err := w.count(ctx, s.table, where)
		if err == nil && (n > 0) == (s.verb == refuseVerb) {
			err = s.refusal()
		}
		return err
	case ensureVerb:
		if key, found, err := w.standing(ctx, s, where); err != nil || found {
			s.give(with, key)
			return err
		}
		return w.inserted(ctx, s, with, equal(where))
	case insertVerb:
		return w.inserted(ctx, s, with, nil)
	}
	return w.updated(ctx, s, with, where)
}

// standing looks for the row that an ensure step would write, and gives its key.
func (w work) standing(ctx context.Context, s *step, where []cond) (key string, found bool, err error) {
	if s.key == nil {
		n, err := w.count(ctx, s.table, where)
		return "", n > 0, err
	}
	list, err := w.cells(ctx, s.table, []*column{s.key.column}, where)
	if err != nil || len(list) == 0 {
		return "", false, err
	}
	return textOf(list[0][0]), true, nil
}

// give makes the key of a step known to later formulas.
func (s *step) give(with vars, key string) {
	if s.name != "" {
		with["steps"].(map[string]any)[s.name] = key //nolint:forcetypeassert // made by steps
	}
}

func (w work) inserted(ctx context.Context, s *step, with vars, more []assignment) error {
	set, err := w.settings(ctx, s.set, with)
	if err != nil {
		return err
	}
	for _, a := range more {
		if !slices.ContainsFunc(set, func(b assignment) bool { return b.column == a.column }) {
			set = append(set, a)
		}
	}
	key, err := w.insert(ctx, s.table, s.key, set, with)
	s.give(with, key)
	return err
}

func (w work) updated(ctx context.Context, s *step, with vars, where []cond) error {
	set, err := w.settings(ctx, s.set, with)
	if err != nil {
		return err
	}
	add, err := w.settings(ctx, s.add, with)
	if err != nil {
		return err
	}
	for _, a := range add {
		a.add = true
		set = append(set, a)
	}
	return w.must(ctx, s, set, where)
}

// must updates, and refuses where there is no row and one has to be.
func (w work) must(ctx context.Context, s *step, set []assignment, where []cond) error {
	found, err := w.update(ctx, s.table, set, where)
	if err == nil && !found && !s.optional {
		err = s.refusal()
	}
	return err
}

// refusal is what a step says that does not find, or finds, its row.
func (s *step) refusal() error {
	var faults fault.List
	message := s.message
	switch {
	case message != "":
	case s.verb == refuseVerb:
		message = "there is a row of " + s.table.Table.String() + " that forbids it"
	default:
		message = "there is no row of " + s.table.Table.String() + " that it needs"
	}
	place := s.place
	if place == "" {
		place = s.path
	}
	faults.Add(place, "step."+string(s.verb), "%s", message)
	return faults.Err("the host does not allow it")
}

func (w work) unsafely(ctx context.Context, s *step, with vars) error {
	args := make([]any, len(s.unsafe.with))
	for i, p := range s.unsafe.with {
		v, err := w.run(ctx, s.path+".with", p, with)
		if err != nil {
			return err
		}
		args[i] = v
	}
	return w.unsafe(ctx, s, args)
}

// reversed takes steps back, the last one first: what was added is subtracted, Undo is written, and rows
// that say so are deleted. Guards and statements of the host's own are left out.
func (w work) reversed(ctx context.Context, list []*step, with vars, r rounds) error {
	if with["steps"] == nil {
		with["steps"] = map[string]any{}
	}
	for _, s := range slices.Backward(list) {
		for _, v := range slices.Backward(r.of(s.each, with)) {
			run, err := w.due(ctx, s, v)
			if err == nil && run {
				err = w.reverse(ctx, s, v)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (w work) reverse(ctx context.Context, s *step, with vars) error {
	if s.table == nil || !s.gone && len(s.add)+len(s.undo) == 0 {
		return nil
	}
	where, err := w.conds(ctx, s.where, with)
	if err != nil {
		return err
	}
	if s.gone {
		_, err := w.remove(ctx, s.table, where)
		return err
	}
	set, err := w.settings(ctx, s.undo, with)
	if err != nil {
		return err
	}
	add, err := w.settings(ctx, s.add, with)
	if err != nil {
		return err
	}
	for _, a := range add {
		set = append(set, assignment{column: a.column, value: numberOf(a.value).Neg(), add: true, place: a.place})
	}
	return w.must(ctx, s, set, where)
}
