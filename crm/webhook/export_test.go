package webhook

import "net/netip"

// MayCall shows which addresses are called.
func MayCall(c Config, ip netip.Addr) bool { return c.mayCall(ip) }

// IsInternal shows which events are never delivered.
func IsInternal(kind string) bool { return isInternal(kind) }
