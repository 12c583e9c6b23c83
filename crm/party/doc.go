// Package party is about who somebody is: one stable identity per person or company, and the names,
// addresses and numbers by which it is found again.
//
// A value enters as people typed it. [Clean] makes it fit to be shown; [ParseName] takes a name
// apart in the order of its language; [NormalizeEmail], [NormalizePhone] and [NormalizeTaxID] give
// the one form in which it is stored and compared, or say what is wrong with it. [NameKey] makes
// "Kovács Anna" and "Anna Kovács", "Minta Kft." and "MINTA K.f.t." equal; [BlockKeys] lets names
// with a typing error be found by an equality lookup; [Compare] then says how sure it is that two
// records are one and the same, and why.
//
// Everything here that takes text from outside works in time linear in its input up to a fixed
// limit, never panics, and gives valid UTF-8 without NUL.
package party
