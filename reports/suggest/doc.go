// Package suggest keeps what customers of the host may want next, with the reason in numbers, until somebody makes an
// opportunity of it or says that it is none.
//
// Package value finds suggestions anew each day and hands them over in the transactions that write its own rows
// ([Suggestions.Keep]): new ones are written, those that still hold get the numbers of the day, and those that hold no
// longer go. One that was taken or dismissed rests for some time ([Rest]), and does not come back before.
//
// [Suggestions.Take] makes the opportunity: who presses twice, and two people at once, get the same one.
// [Suggestions.Undo] loses it again and has the suggestion stand as before.
package suggest
