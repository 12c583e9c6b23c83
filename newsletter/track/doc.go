// Package track measures what readers do with a newsletter, and reads back whom a token or a bounce is
// about.
//
// A value's way: [Keys] makes a signed [Token] for each link, pixel and reader, and the return path of each
// mail. A reader presses a link; the page calls [Recorder.Click], which checks the signature, looks the
// address up in the campaign's own list of links (never in the URL, so that nobody can lead readers
// elsewhere through us) and remembers the [Event] in memory: the request writes nothing. At most a second
// later a batch is written: the raw events, with the network the request came from cut short and the browser
// as a number, the [Verdict] of each, and the running counts, in one transaction.
//
// The verdict tells people from programs that fetch images and follow links: [Rules.Judge] is a pure function
// over all events of one reader, so that a first click that looks like a person's becomes a scanner's when
// the same program follows every other link in the same seconds. The counts move by the difference between
// what the reader's events counted for before and after. Raw figures and judged ones are kept beside each
// other ([Count.Verdict]), and [Tracking.Recompute] makes all of them anew from the raw events.
//
// Whoever does not want to be measured is not: a token can say so ([Token.Unmeasured]), the campaign can
// ([Reader.OptedOut]), and the browser (Global Privacy Control). His links work all the same.
//
// A process that is killed loses the clicks of its last second and nothing else.
package track
