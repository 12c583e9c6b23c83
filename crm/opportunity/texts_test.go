package opportunity

import "testing"

func TestTextsAreComplete(t *testing.T) {
	if missing := texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
}
