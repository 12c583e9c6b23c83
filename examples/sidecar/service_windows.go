package main

import (
	"context"

	"golang.org/x/sys/windows/svc"
)

// asWindowsService runs as a service where Windows started the program as one; it reports false elsewhere.
func asWindowsService(ctx context.Context, run func(context.Context) error) (bool, error) {
	is, err := svc.IsWindowsService()
	if err != nil || !is {
		return false, err
	}
	h := &windowsService{ctx: ctx, run: run}
	if err := svc.Run("", h); err != nil {
		return true, err
	}
	return true, h.failed
}

type windowsService struct {
	ctx    context.Context
	run    func(context.Context) error
	failed error
}

// Execute answers the service control manager: it stops in order when it is told to.
func (s *windowsService) Execute(_ []string, asked <-chan svc.ChangeRequest, state chan<- svc.Status) (bool, uint32) {
	state <- svc.Status{State: svc.StartPending}
	ctx, stop := context.WithCancel(s.ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- s.run(ctx) }()
	state <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case s.failed = <-done:
			state <- svc.Status{State: svc.StopPending}
			if s.failed != nil {
				return true, problems
			}
			return false, 0
		case r := <-asked:
			switch r.Cmd {
			case svc.Interrogate:
				state <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				state <- svc.Status{State: svc.StopPending}
				stop()
			default:
			}
		}
	}
}
