package store

// Waiting is how many writers wait for their turn.
func (db *DB) Waiting() int {
	db.writers.mu.Lock()
	defer db.writers.mu.Unlock()
	return len(db.writers.queue)
}
