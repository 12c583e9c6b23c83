// Package calendar knows when a company works: its week with several intervals a day, its zone, its holidays
// and moved working days. Clocks of leads and stages count in it.
//
// A [Plan] is what an administrator edits; the company's own is kept with all its versions ([Calendars]).
// [Plan.Calendar] turns it into a [Calendar], a value that computes:
//
//	due, ok := c.Add(arrived, time.Hour)     // Saturday 15:00 + 1 h is Monday 10:00 where the week is Monday to Friday, 9 to 17
//	worked := c.Between(arrived, answered)
//	opens, ok := c.Next(arrived)
//
// An instant is working time if the clock on the company's wall then shows a time inside an interval of that
// day. So an interval over a change to summer time is an hour shorter, one over the change back an hour longer,
// and nothing has to be said about either; leap days are days. Offsets are those of the IANA time zone database.
//
// [Holidays] computes the public holidays of a country for a year; they are loaded into a plan and edited there,
// because governments move days by decree.
package calendar
