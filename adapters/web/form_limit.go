package web

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// clientsKept is how many addresses are remembered; beyond it the one that was silent for longest is
// forgotten, so that memory stays at about 3 MB however many addresses there are.
const clientsKept = 10000

// clientLimits limits the posts of each client address.
type clientLimits struct {
	rate FormRate
	keep int

	mu      sync.Mutex
	order   *list.List // of *clientLimit, the latest in front
	clients map[netip.Addr]*list.Element
}

type clientLimit struct {
	client netip.Addr
	bucket *rate.Limiter
}

func newClientLimits(r FormRate, keep int) *clientLimits {
	return &clientLimits{rate: r, keep: keep, order: list.New(), clients: map[netip.Addr]*list.Element{}}
}

func newBucket(r FormRate) *rate.Limiter { return rate.NewLimiter(rate.Every(r.Every), r.Burst) }

// allow takes one post of a client.
func (l *clientLimits) allow(client netip.Addr, now time.Time) bool {
	client = network(client)
	l.mu.Lock()
	defer l.mu.Unlock()
	element, ok := l.clients[client]
	if ok {
		l.order.MoveToFront(element)
	} else {
		if l.order.Len() >= l.keep {
			oldest := l.order.Remove(l.order.Back()).(*clientLimit)
			delete(l.clients, oldest.client)
		}
		element = l.order.PushFront(&clientLimit{client: client, bucket: newBucket(l.rate)})
		l.clients[client] = element
	}
	return element.Value.(*clientLimit).bucket.AllowN(now, 1)
}

// network is what one client can change at will: the lower half of an IPv6 address is its own choice.
func network(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}
