// Package formula evaluates the small expressions that people write into mappings and rules:
// `"C" + pad(number, 6)`, `line.unit_price * line.quantity`, `customer.tax_id startsWith "HU"`.
//
// An [Env] declares which variables exist at one place, with their kinds, fields and what they mean; it
// documents itself. [Env.Compile] parses a formula with expr-lang/expr, checks every name and kind
// against the environment, and turns it into a [Program]; whatever can be wrong without the values is
// refused here, all of it at once. [Program.Run] evaluates it over the values.
//
// The language is that of expr-lang, cut down to what is safe and exact:
//
//   - Numbers are decimals, never floats: 0.1 + 0.2 is 0.3. Whole numbers stay whole under + - * and %.
//     Division gives 16 places, rounded half away from zero. Overflow (30 digits before the point, 64
//     bits of a whole number) and division by zero are errors.
//   - No value (NULL of a database, an empty text, a missing date) is one thing: x == nil, x == "" and
//     x ?? y see them alike. Texts take it as "", sums and dates refuse it by name.
//   - Records show the fields that the environment declares and nothing else. There are no methods, no
//     ranges, no maps, no way to reach the program around the formula.
//   - A formula comes to an end: its length, its nodes, the steps and the text it makes are bounded, and a
//     list is walked at most once deep.
package formula
