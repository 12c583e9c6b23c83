package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/crmplus/crmplus/crm/fault"
)

// Mail is one mail of the mailbox.
type Mail struct {
	// UID is the mail's number in the mailbox.
	UID uint32
	// Received is when the server got it.
	Received time.Time
	// Raw is the mail as it came (RFC 5322), its first Config.Largest bytes.
	Raw []byte
}

// Take is given each mail. An error ends the look; the same mail comes again with the next one.
type Take func(ctx context.Context, m Mail) error

// Reader reads one mailbox. Only one Reader reads a mailbox at a time.
type Reader struct{ config Config }

// New makes a Reader. It does not connect yet. The error is fault.Invalid with a fault for each setting that
// cannot be.
func New(c Config) (*Reader, error) {
	c, err := c.checked()
	if err != nil {
		return nil, err
	}
	return &Reader{config: c}, nil
}

const (
	// batch is how many mails are marked or moved at once, and how many at most come again after a kill.
	batch = 20
	// attempts is how often a look connects without getting a mail further.
	attempts = 3
	// longestPause is between looks that fail.
	longestPause = 15 * time.Minute
)

// Run looks into the mailbox again and again until the context ends. Failures are logged, and looked past with
// growing pauses. It returns nil.
func (r *Reader) Run(ctx context.Context, take Take) error {
	pause := r.config.Every
	for {
		n, err := r.Poll(ctx, take)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // whoever ends the reading is not told that it ended
		case err != nil:
			r.config.Log.Error("the mailbox of bounces could not be read to its end", "mailbox", r.config.Mailbox, "read", n, "error", err)
			pause = min(2*pause, longestPause)
		default:
			pause = r.config.Every
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-t.C:
		}
	}
}

// Poll looks into the mailbox once: every mail that has come since the last look is handed to take, then
// marked or moved. It gives how many were handed on. Cut connections are opened anew as long as that gets on.
// The error is that of take, or fault.Unavailable.
func (r *Reader) Poll(ctx context.Context, take Take) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, r.config.Patience)
	defer cancel()
	total := 0
	var p progress
	for tries := 1; ; tries++ {
		n, err := r.look(ctx, take, &p)
		total += n
		var cut *cutError
		if err == nil || !errors.As(err, &cut) || ctx.Err() != nil || n == 0 && tries >= attempts {
			return total, err
		}
		if n > 0 {
			tries = 0
		}
	}
}

// cutError says that the connection failed, so that another may succeed.
type cutError struct{ error }

func (e *cutError) Unwrap() error { return e.error }

func cut(err error, doing string) error {
	var answer *goimap.Error
	if errors.As(err, &answer) { // the server has understood and says no
		return fault.Wrap(err, fault.Unavailable, "the mail server refused %s", doing)
	}
	return &cutError{fault.Wrap(err, fault.Unavailable, "the connection to the mail server failed while %s", doing)}
}

// progress is how far a look is: beyond what is stored, mails may have been handed on whose marking was cut off.
type progress struct {
	at Position
	// handed were taken and are not marked yet.
	handed []goimap.UID
}

// last is the last mail that was handed on.
func (p *progress) last() uint32 {
	if n := len(p.handed); n > 0 {
		return uint32(p.handed[n-1])
	}
	return p.at.Last
}

// look reads what is new over one connection.
func (r *Reader) look(ctx context.Context, take Take, p *progress) (n int, err error) {
	c, err := r.connect(ctx)
	if err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() }) // ends whatever waits for an answer
	defer func() {
		if stop() {
			_ = c.Close()
		}
		if err != nil && ctx.Err() != nil {
			err = fault.Wrap(errors.Join(ctx.Err(), err), fault.Unavailable, "the mailbox was not read to its end")
		}
	}()
	uids, err := r.open(ctx, c, p)
	if err != nil {
		return 0, err
	}
	for part := range slices.Chunk(uids, batch) {
		before := len(p.handed)
		failed := r.hand(ctx, c, part, func(ctx context.Context, m Mail) error {
			err := take(ctx, m)
			if err == nil {
				p.handed = append(p.handed, goimap.UID(m.UID))
			}
			return err
		})
		n += len(p.handed) - before
		if gone := (*cutError)(nil); errors.As(failed, &gone) { // the next connection finishes
			return n, failed
		}
		if err := r.finish(ctx, c, p); err != nil && failed == nil {
			return n, err
		}
		if failed != nil {
			return n, failed
		}
	}
	_ = c.Logout().Wait() // all is done
	return n, nil
}

// open selects the mailbox, finishes what an earlier connection has left, and gives what is new.
func (r *Reader) open(ctx context.Context, c *imapclient.Client, p *progress) ([]goimap.UID, error) {
	mailbox, err := c.Select(r.config.Mailbox, nil).Wait()
	if err != nil {
		return nil, cut(err, "opening "+r.config.Mailbox)
	}
	at, err := r.config.Positions.Position(ctx)
	if err != nil {
		return nil, err
	}
	if at.Validity != mailbox.UIDValidity {
		at = Position{Validity: mailbox.UIDValidity}
	}
	if p.at.Validity != at.Validity {
		p.handed = nil
	}
	p.at = at
	if err := r.finish(ctx, c, p); err != nil {
		return nil, err
	}
	return r.fresh(c, Position{Validity: at.Validity, Last: p.last()})
}

// fresh gives the mails that were not handed on yet, in the order of arrival. Where it is not known how far
// the reading was, because the mailbox is new to us or was made anew, those that are marked as read are left
// out.
func (r *Reader) fresh(c *imapclient.Client, at Position) ([]goimap.UID, error) {
	from := goimap.UIDSet{}
	from.AddRange(goimap.UID(at.Last+1), 0)
	criteria := &goimap.SearchCriteria{UID: []goimap.UIDSet{from}, NotFlag: []goimap.Flag{goimap.FlagDeleted}}
	if at.Last == 0 {
		criteria.NotFlag = append(criteria.NotFlag, goimap.FlagSeen)
	}
	found, err := c.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, cut(err, "searching "+r.config.Mailbox)
	}
	uids := found.AllUIDs()
	// "*" is the last mail even if its number is lower than the first of the range.
	uids = slices.DeleteFunc(uids, func(u goimap.UID) bool { return uint32(u) <= at.Last })
	slices.Sort(uids)
	return uids, nil
}

// hand gives mails to take, one after the other, until one fails.
func (r *Reader) hand(ctx context.Context, c *imapclient.Client, uids []goimap.UID, take Take) error {
	for _, uid := range uids {
		found, err := r.fetch(c, uid)
		if err != nil {
			return cut(err, fmt.Sprintf("reading mail %d", uid))
		}
		for _, m := range found { // none, where somebody else has deleted it
			if err := take(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetch reads one mail. When the connection is cut within it, the answer is left alone: the library would read
// on from two goroutines at once.
func (r *Reader) fetch(c *imapclient.Client, uid goimap.UID) ([]Mail, error) {
	section := &goimap.FetchItemBodySection{Peek: true, Partial: &goimap.SectionPartial{Size: r.config.Largest}}
	answer := c.Fetch(goimap.UIDSetNum(uid), &goimap.FetchOptions{UID: true, InternalDate: true, BodySection: []*goimap.FetchItemBodySection{section}})
	var found []Mail
	for message := answer.Next(); message != nil; message = answer.Next() {
		m := Mail{}
		for item := message.Next(); item != nil; item = message.Next() {
			switch is := item.(type) {
			case imapclient.FetchItemDataUID:
				m.UID = uint32(is.UID)
			case imapclient.FetchItemDataInternalDate:
				m.Received = is.Time.UTC()
			case imapclient.FetchItemDataBodySection:
				if is.Literal == nil {
					continue
				}
				raw, err := io.ReadAll(is.Literal)
				if err != nil || int64(len(raw)) != is.Literal.Size() {
					return nil, errors.Join(io.ErrUnexpectedEOF, err)
				}
				m.Raw = raw
			}
		}
		if goimap.UID(m.UID) == uid && m.Raw != nil {
			found = append(found, m)
		}
	}
	return found, answer.Close()
}

// finish marks or moves what was handed on, and keeps the position.
func (r *Reader) finish(ctx context.Context, c *imapclient.Client, p *progress) error {
	if len(p.handed) == 0 {
		return nil
	}
	if err := r.mark(c, p.handed); err != nil {
		return err
	}
	at := Position{Validity: p.at.Validity, Last: p.last()}
	if err := r.config.Positions.SetPosition(ctx, at); err != nil {
		return err
	}
	p.at, p.handed = at, nil
	return nil
}

// mark marks mails as read or moves them.
func (r *Reader) mark(c *imapclient.Client, uids []goimap.UID) error {
	set := goimap.UIDSetNum(uids...)
	add := func(f goimap.Flag) error {
		return c.Store(set, &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{f}}, nil).Close()
	}
	if err := add(goimap.FlagSeen); err != nil {
		return cut(err, "marking mails")
	}
	switch {
	case r.config.MoveTo == "":
		return nil
	case c.Caps().Has(goimap.CapMove):
		if _, err := c.Move(set, r.config.MoveTo).Wait(); err != nil {
			return cut(err, "moving mails to "+r.config.MoveTo)
		}
		return nil
	}
	// Only what has certainly been copied is deleted, and of what is deleted only our own is removed.
	if _, err := c.Copy(set, r.config.MoveTo).Wait(); err != nil {
		return cut(err, "copying mails to "+r.config.MoveTo)
	}
	if err := add(goimap.FlagDeleted); err != nil {
		return cut(err, "deleting mails")
	}
	if c.Caps().Has(goimap.CapUIDPlus) {
		if err := c.UIDExpunge(set).Close(); err != nil {
			return cut(err, "deleting mails")
		}
	}
	return nil
}
