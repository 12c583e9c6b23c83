package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/crmplus/crmplus/crm/store"
)

func TestSideBySideKeepsTheOrderOfEachLane(t *testing.T) {
	var claimed []store.Claimed
	for i := range 300 {
		claimed = append(claimed, store.Claimed{Key: i, Lane: fmt.Sprint(i % 7)})
	}
	claimed = append(claimed, store.Claimed{Key: 300}, store.Claimed{Key: 301}) // of no lane
	var mu sync.Mutex
	got := map[string][]int{}
	n, err := store.SideBySide(claimed, func(c store.Claimed) error {
		mu.Lock()
		defer mu.Unlock()
		got[c.Lane] = append(got[c.Lane], c.Key.(int))
		return nil
	})
	if n != len(claimed) || err != nil {
		t.Fatalf("dealt with %d: %v", n, err)
	}
	if len(got[""]) != 2 || len(got) != 8 {
		t.Errorf("lanes %v", got)
	}
	delete(got, "")
	for lane, keys := range got {
		if !slices.IsSorted(keys) {
			t.Errorf("lane %s went as %v", lane, keys)
		}
	}
}

func TestSideBySideBeginsNothingAfterAnError(t *testing.T) {
	lost := errors.New("the database is gone")
	claimed := make([]store.Claimed, 1000)
	n, err := store.SideBySide(claimed, func(store.Claimed) error { return lost })
	if n != 0 || !errors.Is(err, lost) {
		t.Errorf("dealt with %d: %v", n, err)
	}
	for i := range claimed { // all of one lane: what stands behind the error is not begun
		claimed[i] = store.Claimed{Key: i, Lane: "x"}
	}
	n, err = store.SideBySide(claimed, func(c store.Claimed) error {
		if c.Key == 3 {
			return lost
		}
		return nil
	})
	if n != 3 || !errors.Is(err, lost) {
		t.Errorf("of one lane dealt with %d: %v", n, err)
	}
}
