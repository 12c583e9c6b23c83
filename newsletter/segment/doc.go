// Package segment says which parties are meant: the readers of a campaign, a call list, a class of customers.
//
// A [Segment] is a condition in the language of package rule over one [Environment]: the party itself, its
// leads, opportunities, quotes and activities, the company's custom fields, and what other packages and the
// host add by [Config.Lists] (subscriptions, mails that were opened and clicked, purchases). It is written as
// an expression or built by a form. Less those of other segments; or a static list whose members are kept.
//
//	party.country == "HU" and any(leads, .status == "qualified") and opportunity.won_sum > 100000
//
// [Segments.Count] and [Segments.Sample] answer at once, for a saved one or for what is being typed.
// [Segments.Save] keeps it, with its versions and the audit log. [Segments.Audience] gives it as SQL, from
// which a campaign freezes its readers inside the database; where a part of the condition cannot be said in
// SQL, [Segments.Evaluate] first keeps the members that Go found.
package segment
