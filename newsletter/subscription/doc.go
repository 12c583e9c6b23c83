// Package subscription is about who may be written to, and how that can be proved.
//
// A company has [Topic]s: newsletters by e-mail, notices by SMS. A reader is a party (crm/party): a lead, a
// contact, a customer of the host, or whoever left a bare address, which makes a party at the first touch,
// because activities, conversions and consents hang on parties. One person with several addresses is one
// reader: a party has at most one [Subscription] per topic, and an address gets a topic at most once, whoever
// it belongs to. Parties that were merged count as one reader.
//
//	         request              confirmation, or a person with proof
//	(none) ----------> pending -----------------------> active
//	                     ^                                |  the reader ends it
//	                     '--------- unsubscribed <--------'
//	suppressed: the address is on the list of those who are not to be written to, whatever else is known
//
// A stranger's request ([Subscriptions.Request]) brings him a letter through crm/mail with a signed link. The page
// behind it shows a button, and only the press ([Subscriptions.Confirm]) subscribes: programs that look through
// mails follow links. The answer to a request is the same whoever is known, and requests are limited per address
// and per network. Links ([Signer]) are good for two years; each letter carries one to the preference page, and one
// by which one press ends a topic (RFC 8058).
//
// What was agreed to is kept as [Evidence]: rows that are only ever added, because the controller must be able to
// demonstrate consent (Regulation (EU) 2016/679, article 7(1)). The database itself refuses to change them. They
// hold no address, only its keyed hash, and of the network its first half, so that erasing a person takes
// nothing away from them.
//
// Addresses that are not to be written to again stand on the [Suppression] list as keyed hashes (HMAC-SHA-256 with
// a key of the company's own). It survives erasure, and imports honour it.
package subscription
