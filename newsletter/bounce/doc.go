// Package bounce reads what comes back when newsletters are sent: reports of mail servers, complaints of
// readers, and the automatic answers that are neither.
//
// A raw mail flows like this. [Parse] takes it apart, whatever it is, and gives a [Report]: its [Kind], one
// [Recipient] for each address it is about, with the status code (RFC 3463) and the server's answer, and the
// [Reference] by which the mail that came back is found: the return path it was sent to, the Message-ID of
// the original, its headers. Reports of standard form are read as their standard says (delivery status
// notifications: RFC 3464, with RFC 6522 and 6533; complaints: RFC 5965); those of servers that write prose
// instead (qmail, old Exim, Exchange) by their text. [Classify] turns code and answer into a [Class]: whose
// fault it is, and whether trying again helps. [Limits.Decide] then says, from what happened to an address so
// far, whether mail to it is to stop.
//
// Providers that report by HTTP instead are read by a [Webhook], which is data; the Reports are the same.
//
// Everything here is a pure function: nothing is stored, nobody is suppressed. Whatever the bytes are, nothing
// panics, and what cannot be read is [Other].
package bounce
