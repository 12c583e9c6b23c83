package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/crmplus/crmplus/newsletter/campaign"
)

// workerVariable makes a process a worker: the database file and the port of the mail server.
const workerVariable = "CRMPLUS_CAMPAIGN_WORKER"

// work is a worker process: it does what is due until it is told to stop, or killed.
func work(order string) error {
	file, port, _ := strings.Cut(order, "|")
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	c, err := open(file, n)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ctx = background(ctx)
	for ctx.Err() == nil {
		done, err := c.campaigns.Work(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if done == 0 { // a host lets crm.Module.Run wait
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return c.db.SQL().Close()
}

func (s *story) worker(ctx context.Context) (*exec.Cmd, error) {
	var file string
	if err := s.db.SQL().QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), workerVariable+"="+file+"|"+strconv.Itoa(s.office.port()))
	cmd.Stderr = os.Stderr
	return cmd, cmd.Start()
}

// send lets two workers send, kills one of them in the middle, and lets another one take its place.
func (s *story) send(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // nobody is left behind
	began := time.Now()
	doomed, err := s.worker(ctx)
	if err != nil {
		return err
	}
	second, err := s.worker(ctx)
	if err != nil {
		return err
	}
	select {
	case <-s.office.third:
	case <-time.After(10 * time.Minute):
		return errors.New("the workers send nothing")
	}
	if err := doomed.Process.Kill(); err != nil {
		return err
	}
	_ = doomed.Wait() // it was killed, which Wait calls an error
	p, err := s.campaigns.Progress(marketing(ctx), s.row.ID)
	if err != nil {
		return err
	}
	s.tell("Killed a worker when %d of %d were sent, %d being under way.", p.All.Sent, p.Total, p.All.Sending)
	third, err := s.worker(ctx)
	if err != nil {
		return err
	}
	for s.row.State != campaign.Done {
		if time.Since(began) > 20*time.Minute {
			return errors.New("the campaign comes to no end")
		}
		time.Sleep(50 * time.Millisecond)
		if s.row, err = s.campaigns.Get(marketing(ctx), s.row.ID); err != nil {
			return err
		}
	}
	took := time.Since(began)
	for _, w := range []*exec.Cmd{second, third} {
		if err := w.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		if err := w.Wait(); err != nil {
			return fmt.Errorf("a worker that was told to stop: %w", err)
		}
	}
	s.tell("The campaign was done after %s, %d messages a second with the kill and the pauses.", took.Round(time.Millisecond), int(float64(p.Total)/took.Seconds()))
	return nil
}

// compare holds the ledger against what the mail server has got.
func (s *story) compare(ctx context.Context) error {
	ctx = marketing(ctx)
	p, err := s.campaigns.Progress(ctx, s.row.ID)
	if err != nil {
		return err
	}
	choice := campaign.Choice{Limit: 500}
	for {
		page, err := s.campaigns.Recipients(ctx, s.row.ID, choice)
		if err != nil {
			return err
		}
		for _, r := range page.Rows {
			switch n := s.office.got[r.Address]; {
			case n > 1:
				return fmt.Errorf("%s got %d messages", r.Address, n)
			case r.State == campaign.Sent && n != 1, r.State == campaign.Bounced && n != 0:
				return fmt.Errorf("%s is said to be %s, and got %d messages", r.Address, r.State, n)
			case r.State != campaign.Sent && r.State != campaign.Bounced && r.State != campaign.Unknown:
				return fmt.Errorf("%s was lost: %s", r.Address, r.State)
			}
		}
		if choice.After = page.Next; page.Next == 0 {
			break
		}
	}
	s.tell("Of %d recipients %d were sent to, %d bounced, and of %d nobody knows.", p.Total, p.All.Sent, p.All.Bounced, p.All.Unknown)
	lost, err := s.campaigns.Recipients(ctx, s.row.ID, campaign.Choice{State: campaign.Unknown, Limit: 3})
	if err != nil {
		return err
	}
	for _, r := range lost.Rows {
		s.tell("  unknown: %s <%s>", r.Name, r.Address)
	}
	return nil
}

// resolve decides about those of whom nobody knows, as a person does who looks into the mail server's log: who has
// got it has got it, the others get it now.
func (s *story) resolve(ctx context.Context) error {
	var arrived, missing []int
	choice := campaign.Choice{State: campaign.Unknown, Limit: 500}
	for {
		page, err := s.campaigns.Recipients(marketing(ctx), s.row.ID, choice)
		if err != nil {
			return err
		}
		for _, r := range page.Rows {
			if s.office.got[r.Address] > 0 {
				arrived = append(arrived, r.Seq)
			} else {
				missing = append(missing, r.Seq)
			}
		}
		if choice.After = page.Next; page.Next == 0 {
			break
		}
	}
	for _, d := range []struct {
		seqs []int
		is   campaign.Decision
	}{{arrived, campaign.Arrived}, {missing, campaign.Repeat}} {
		if _, err := s.campaigns.Resolve(marketing(ctx), s.row.ID, d.seqs, d.is); err != nil {
			return err
		}
	}
	s.tell("The mail server's log has %d of them; the other %d are sent to again.", len(arrived), len(missing))
	for began := time.Now(); ; {
		if _, err := s.campaigns.Work(background(ctx)); err != nil {
			return err
		}
		p, err := s.campaigns.Progress(marketing(ctx), s.row.ID)
		switch {
		case err != nil:
			return err
		case p.State == campaign.Done && p.All.Unknown == 0 && p.All.Sent+p.All.Bounced == p.Total:
			s.tell("In the end %d have got theirs once, and %d have no mailbox.", p.All.Sent, p.All.Bounced)
			return nil
		case time.Since(began) > 10*time.Minute:
			return errors.New("the campaign comes to no end")
		}
		time.Sleep(20 * time.Millisecond)
	}
}
