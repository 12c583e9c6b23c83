package subscription

import (
	"context"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// chunkWriter writes rows in one transaction.
type chunkWriter struct {
	run  *importRun
	s    *store.Session
	rows []incoming

	// blocked are addresses on the suppression list; who is the party that each row is.
	blocked map[Hash]bool
	who     []party.ID
	// states are what there is already: by topic, of an address and of a party.
	byAddress map[subscribed]State
	byParty   map[readerOf]State

	fresh []*party.Prepared
	added []sealed
	proof []Evidence
	// from are the positions in fresh of the parties of added, -1 for one that is there already.
	from []int
}

type subscribed struct {
	topic TopicID
	hash  Hash
}

type readerOf struct {
	topic TopicID
	party party.ID
}

func (w *chunkWriter) write(ctx context.Context) error {
	if err := w.recognise(ctx); err != nil {
		return err
	}
	for i := range w.rows {
		w.place(i)
	}
	if err := w.run.n.config.Parties.In(w.s).AddMany(ctx, w.fresh); err != nil {
		return err
	}
	for i, at := range w.from { // new parties have their ids only now
		if at >= 0 {
			w.added[i].PartyID, w.proof[i].PartyID = w.fresh[at].Party.ID, w.fresh[at].Party.ID
		}
	}
	if err := w.s.InsertMany(ctx, &w.added); err != nil {
		return err
	}
	return keep(ctx, w.s, w.proof...)
}

// recognise looks for everything that is known of the rows, by a fixed number of queries.
func (w *chunkWriter) recognise(ctx context.Context) error {
	args := make([]any, chunkRows) // filled up with the last, so that every chunk is the same statement
	for i := range args {
		args[i] = w.rows[min(i, len(w.rows)-1)].to.hash
	}
	in := "(" + store.In(chunkRows) + ")"
	var blocked []Hash
	err := w.s.Query(ctx, &blocked, store.From[Suppression]("x"),
		"SELECT x.address_hash FROM crm_suppression AS x WHERE {scope} AND x.channel = ? AND x.address_hash IN "+in, append([]any{string(w.run.channel)}, args...)...)
	if err != nil {
		return err
	}
	w.blocked = make(map[Hash]bool, len(blocked))
	for _, h := range blocked {
		w.blocked[h] = true
	}
	w.byAddress, w.byParty = map[subscribed]State{}, map[readerOf]State{}
	for _, t := range w.run.topics {
		if err := w.there(ctx, t.ID, "address_hash", in, args); err != nil {
			return err
		}
	}
	return w.identify(ctx)
}

// there notes the subscriptions to a topic that have one of the values.
func (w *chunkWriter) there(ctx context.Context, topic TopicID, column, in string, args []any) error {
	var rows []sealed
	err := w.s.Query(ctx, &rows, store.From[sealed]("x"),
		"SELECT x.party_id, x.address_hash, x.state FROM crm_subscription AS x WHERE {scope} AND x.topic_id = ? AND x."+column+" IN "+in, append([]any{topic}, args...)...)
	for _, r := range rows {
		w.byAddress[subscribed{topic, r.AddressHash}] = r.State
		w.byParty[readerOf{topic, r.PartyID}] = r.State
	}
	return err
}

// identify says which rows are parties that are there already, and what those are subscribed to.
func (w *chunkWriter) identify(ctx context.Context) error {
	batch := make([]*party.Prepared, len(w.rows))
	for i := range w.rows {
		batch[i] = w.rows[i].out
	}
	known, err := w.run.n.config.Parties.In(w.s).FindMany(ctx, batch, make([]string, len(batch)))
	if err != nil {
		return err
	}
	w.who = make([]party.ID, len(w.rows))
	var ids []any
	for i, k := range known {
		if !k.Party.ID.IsZero() && k.Party.ErasedAt.IsZero() {
			w.who[i] = k.Party.ID
			ids = append(ids, k.Party.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	for _, t := range w.run.topics {
		if err := w.there(ctx, t.ID, "party_id", "("+store.In(len(ids))+")", ids); err != nil {
			return err
		}
	}
	return nil
}

// place decides what becomes of a row.
func (w *chunkWriter) place(i int) {
	in, who, result := w.rows[i], w.who[i], &w.run.result
	if w.blocked[in.to.hash] {
		result.Suppressed++
		return
	}
	made := -1
	for t, topic := range w.run.topics {
		state, there := w.byAddress[subscribed{topic.ID, in.to.hash}]
		if !there && !who.IsZero() {
			state, there = w.byParty[readerOf{topic.ID, who}]
		}
		switch {
		case there && state == Active:
			result.Known++
			continue
		case there:
			result.Unwilling++
			continue
		}
		if who.IsZero() && made < 0 {
			made = len(w.fresh)
			w.fresh = append(w.fresh, in.out)
		}
		row := sealed{
			ID: store.NewKey[Tag](w.s), TopicID: topic.ID, Channel: topic.Channel, PartyID: who, Address: in.to.address, AddressHash: in.to.hash,
			Language: in.language, State: Active, Basis: w.run.plan.Ground.Basis, Source: w.run.plan.Ground.Source, ConfirmedAt: w.s.Now,
		}
		proof := w.run.proof[t]
		proof.PartyID, proof.AddressHash = who, in.to.hash
		w.added, w.proof, w.from = append(w.added, row), append(w.proof, proof), append(w.from, made)
		w.byAddress[subscribed{topic.ID, in.to.hash}] = Active
		if !who.IsZero() {
			w.byParty[readerOf{topic.ID, who}] = Active
		}
		result.Subscribed++
	}
}
