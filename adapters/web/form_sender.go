package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// forwardedLimit bounds how many entries of X-Forwarded-For are read.
const forwardedLimit = 20

// clientOf is the address a request comes from. X-Forwarded-For is read from its end for as long as
// trusted proxies stand there; what a client itself wrote further in front is never believed.
func (f *Forms) clientOf(r *http.Request) netip.Addr {
	client := remote(r)
	if !f.trusted(client) {
		return client
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && i >= len(hops)-forwardedLimit; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return client
		}
		client = hop.Unmap()
		if !f.trusted(client) {
			return client
		}
	}
	return client
}

// remote is the other end of the connection; the zero address where it is no IP connection.
func remote(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap()
}

func (f *Forms) trusted(a netip.Addr) bool {
	for _, p := range f.config.TrustedProxies {
		if p.Contains(a.WithZone("")) {
			return true
		}
	}
	return false
}

// hostOf is the host that the visitor's browser asked.
func (f *Forms) hostOf(r *http.Request) string {
	if forwarded := r.Header.Get("X-Forwarded-Host"); forwarded != "" && f.trusted(remote(r)) {
		first, _, _ := strings.Cut(forwarded, ",")
		return strings.ToLower(strings.TrimSpace(first))
	}
	return strings.ToLower(r.Host)
}

// sender is the origin of the page that sent a post. Browsers send Origin with every POST; Referer is
// for the few that do not. It is "" where neither says anything.
func sender(r *http.Request) string {
	if origin := r.Header.Get("Origin"); origin != "" {
		return origin
	}
	return originOf(r.Referer())
}

// admits reports whether a page may send the form.
func (f *Forms) admits(form *liveForm, r *http.Request) bool {
	origin := sender(r)
	if form.origins[origin] && origin != OwnPage {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && form.origins[OwnPage] && originOf(origin) == origin && origin != "" && strings.EqualFold(u.Host, f.hostOf(r))
}
