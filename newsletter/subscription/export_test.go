package subscription

import "net/netip"

// Minimize is minimize for tests; "" is no address.
func Minimize(ip string) string {
	a, _ := netip.ParseAddr(ip)
	return minimize(a)
}
