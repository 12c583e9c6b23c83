package tablehost

import (
	"slices"

	"github.com/crmplus/crmplus/erpbridge"
)

// counted are the fields of lines that say how much followed, countedBy the kind of documents that does.
var counted = []string{"delivered", "invoiced"}

var countedBy = map[string]erpbridge.Kind{"delivered": erpbridge.DeliveryNote, "invoiced": erpbridge.Invoice}

// holdsState reports whether the host's column can say that a document is in the state.
func (d *paper) holdsState(state erpbridge.State) bool {
	f := d.head.fields["state"]
	if f == nil || f.column == nil || f.readOnly || f.read != nil {
		return false
	}
	if f.host == nil {
		return true
	}
	_, listed := f.host[string(state)]
	return listed
}

// makesState reports whether the state of documents follows from their lines, because no field tells how far
// they have come.
func (d *paper) makesState() bool {
	f := d.head.fields["state"]
	if f == nil {
		return true
	}
	return f.formula() == nil && f.host != nil && f.host[string(erpbridge.Partial)] == "" && f.host[string(erpbridge.Completed)] == ""
}

// makeState makes out a state that the host does not tell.
func (k *desk) makeState(f *file) {
	if !f.of.makesState() || f.State != "" && f.State != erpbridge.Open {
		return
	}
	switch {
	case f.head.text("cancelled_by") != "":
		f.State = erpbridge.Credited
	case f.State == "" && f.Gross.IsPositive() && f.Paid.Cmp(f.Gross) >= 0:
		f.State = erpbridge.Paid
	default:
		f.State = k.progress(f)
	}
}

// progress is how far a document has come by what its lines count: completed when everything is invoiced,
// or delivered where invoices do not follow it.
func (k *desk) progress(f *file) erpbridge.State {
	delivered, invoiced := k.reaches(f.Kind, erpbridge.DeliveryNote), k.reaches(f.Kind, erpbridge.Invoice)
	switch {
	case !delivered && !invoiced && f.Kind == erpbridge.DeliveryNote:
		return erpbridge.Completed
	case !delivered && !invoiced || len(f.Lines) == 0:
		return erpbridge.Open
	}
	begun, complete := false, true
	for _, l := range f.Lines {
		begun = begun || !l.Delivered.IsZero() || !l.Invoiced.IsZero()
		far := l.Delivered
		if invoiced {
			far = l.Invoiced
		}
		complete = complete && far.Cmp(l.Quantity) >= 0
	}
	switch {
	case complete:
		return erpbridge.Completed
	case begun:
		return erpbridge.Partial
	}
	return erpbridge.Open
}

// reaches reports whether documents of the second kind can follow those of the first, directly or by way of
// a delivery.
func (k *desk) reaches(from, to erpbridge.Kind) bool {
	d := k.h.papers[to]
	if d == nil || from == to {
		return false
	}
	if slices.Contains(d.follows, from) {
		return true
	}
	return to == erpbridge.Invoice && slices.Contains(d.follows, erpbridge.DeliveryNote) && k.reaches(from, erpbridge.DeliveryNote)
}
