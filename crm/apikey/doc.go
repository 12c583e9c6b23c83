// Package apikey lets programs in: keys by which a program acts for a user of the host, with rights that
// never exceed those of whoever made the key, and the answers that make a program's requests repeatable.
//
// A key's way: somebody with the right actor.Settings makes it ([Keys.Create]) and is shown its secret
// once, "crmp_<id>_<random>"; the database keeps the secret's SHA-256 alone. A door (adapters/api) hands
// what a request carries to [Keys.Verify] and gets the actor to work as. [Keys.Revoke] ends it: at once
// in the process that is asked, after [CacheFor] in all others.
//
// A request that must not be carried out twice carries a token of the caller's (the header
// Idempotency-Key). [Keys.Once] carries it out in the transaction that also keeps its answer, so that the
// same request again gives the first answer and changes nothing; a request that needs transactions of its
// own goes through [Keys.Apart].
package apikey
