package track

import (
	"net/netip"
	"strings"
	"time"
)

// Verdict says who made a request.
type Verdict int

// The verdicts. Any and Genuine are no verdicts of events; they stand in figures for several together.
const (
	// Any is every event, whoever it was.
	Any Verdict = iota
	// Person: nothing speaks against somebody at a screen.
	Person
	// Proxy: the provider's image proxy, which fetches when the reader opens the mail (Gmail, Yahoo,
	// Outlook.com); network and program are the provider's.
	Proxy
	// Relay: fetched ahead whether the mail is read or not (Apple's Mail Privacy Protection, a browser's
	// prefetching): it says that the mail arrived, no more.
	Relay
	// Scanner: a program that checks mails and links.
	Scanner
	// Genuine is Person and Proxy together.
	Genuine
)

// AgentRule judges by what a program calls itself.
type AgentRule struct {
	// Contains is a piece of the program's name in lower case; a rule with Whole wants it to be the whole
	// name.
	Contains string
	Whole    bool
	Verdict  Verdict
}

// NetworkRule judges opens by where they come from. Networks are known down to what [Minimise] keeps.
type NetworkRule struct {
	Network netip.Prefix
	Verdict Verdict
}

// Rules are how events are judged. They are data, so that they can be brought up to date without a new
// version; [Tracking.Recompute] then judges anew what is there.
type Rules struct {
	// Agents are tried in order.
	Agents   []AgentRule
	Networks []NetworkRule
	// BurstLinks different links, or all of them where a campaign has fewer but at least 3, followed within
	// BurstTime are a scanner's; 5 and 10 seconds by default.
	BurstLinks int
	BurstTime  time.Duration
	// Near is how long before and after such a burst the same program from the same network is the scanner;
	// a minute by default.
	Near time.Duration
	// TooSoon is how soon after sending nobody has read a mail yet; 5 seconds by default.
	TooSoon time.Duration
}

// burstLeast is how many links a campaign needs at least for a burst: two links are pressed by people, too.
const burstLeast = 3

// DefaultRules are what is known of the usual providers and scanners.
func DefaultRules() Rules {
	rules := Rules{BurstLinks: 5, BurstTime: 10 * time.Second, Near: time.Minute, TooSoon: 5 * time.Second}
	// Apple's relay calls itself by this and nothing more.
	rules.Agents = append(rules.Agents, AgentRule{Contains: "mozilla/5.0", Whole: true, Verdict: Relay})
	for _, name := range []string{"googleimageproxy", "ggpht.com", "yahoomailproxy", "outlookimageproxy", "yandeximageresizer", "mail.ru imageproxy", "duckduckgo-imageproxy"} {
		rules.Agents = append(rules.Agents, AgentRule{Contains: name, Verdict: Proxy})
	}
	for _, name := range []string{
		"barracuda", "proofpoint", "mimecast", "ironport", "fireeye", "trendmicro", "symantec", "messagelabs", "sophos", "fortinet", "fortimail",
		"forcepoint", "websense", "zscaler", "kaspersky", "bitdefender", "checkpoint", "mailscanner", "spamassassin", "safelinks", "bingpreview",
		"ms-office existence discovery", "microsoft office existence discovery", "google-safety", "googlesafety", "virustotal", "urlscan", "phishtank",
		"bot", "crawler", "spider", "scanner", "headless", "phantomjs", "curl/", "wget/", "python", "go-http-client", "java/", "okhttp", "libwww", "axios/",
		"node-fetch", "httpclient", "facebookexternalhit", "whatsapp/", "slack", "telegram", "linkpreview", "skypeuripreview",
	} {
		rules.Agents = append(rules.Agents, AgentRule{Contains: name, Verdict: Scanner})
	}
	rules.Networks = []NetworkRule{
		{netip.MustParsePrefix("17.0.0.0/8"), Relay},      // Apple
		{netip.MustParsePrefix("66.102.0.0/20"), Proxy},   // Google's image proxies
		{netip.MustParsePrefix("66.249.80.0/20"), Proxy},  // Google's image proxies
		{netip.MustParsePrefix("64.233.160.0/19"), Proxy}, // Google's image proxies
	}
	return rules
}

// Circumstances are what a judge knows beside the events.
type Circumstances struct {
	// Links is how many links the campaign has.
	Links int
	// SentAt is when the reader's mail left, zero where that is not known.
	SentAt time.Time
}

// Judge gives a verdict for each event of one reader of one campaign; the events are in order of time. It is
// a pure function: the same events under the same rules get the same verdicts.
func (r *Rules) Judge(c Circumstances, events []Event) []Verdict {
	verdicts := make([]Verdict, len(events))
	for i := range events {
		verdicts[i] = r.single(c, &events[i])
	}
	r.bursts(c, events, verdicts)
	return verdicts
}

// single judges an event by itself.
func (r *Rules) single(c Circumstances, e *Event) Verdict {
	v := r.source(e)
	switch {
	case e.Flags&Head != 0:
		return Scanner
	case e.Kind == Click && v == Relay: // what fetches images ahead does not press links
		v = Scanner
	case e.Kind == Click && v == Proxy:
		v = Scanner
	}
	if v != Scanner && e.Flags&Prefetched != 0 {
		return Relay
	}
	if !c.SentAt.IsZero() && e.At.Sub(c.SentAt) < r.TooSoon {
		switch v {
		case Person:
			return Scanner
		case Proxy:
			return Relay
		}
	}
	return v
}

// source judges by program and network.
func (r *Rules) source(e *Event) Verdict {
	name := strings.ToLower(strings.TrimSpace(e.Agent))
	if name == "" {
		return Scanner
	}
	for i := range r.Agents {
		rule := &r.Agents[i]
		if rule.Whole && name == rule.Contains || !rule.Whole && strings.Contains(name, rule.Contains) {
			return rule.Verdict
		}
	}
	if e.Kind == Open {
		if p, err := netip.ParsePrefix(e.Network); err == nil {
			for _, rule := range r.Networks {
				if rule.Network.Bits() <= p.Bits() && rule.Network.Contains(p.Addr()) {
					return rule.Verdict
				}
			}
		}
	}
	return Person
}

// bursts finds clicks on many links within seconds, and what the same program did around them.
func (r *Rules) bursts(c Circumstances, events []Event, verdicts []Verdict) {
	need := min(c.Links, r.BurstLinks)
	if need < burstLeast {
		return
	}
	var caught []int
	for from := range events {
		if events[from].Kind != Click {
			continue
		}
		links := map[uint16]bool{}
		last := from
		for i := from; i < len(events) && events[i].At.Sub(events[from].At) <= r.BurstTime; i++ {
			if events[i].Kind == Click {
				links[events[i].Link] = true
				last = i
			}
		}
		if len(links) < need {
			continue
		}
		for i := from; i <= last; i++ {
			if events[i].Kind == Click && (len(caught) == 0 || caught[len(caught)-1] < i) {
				caught = append(caught, i)
				verdicts[i] = Scanner
			}
		}
	}
	for _, i := range caught {
		for k := range events {
			if verdicts[k] == Person && events[k].Agent == events[i].Agent && events[k].Network == events[i].Network &&
				events[k].At.Sub(events[i].At).Abs() <= r.Near {
				verdicts[k] = Scanner
			}
		}
	}
}
