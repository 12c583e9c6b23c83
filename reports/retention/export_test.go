package retention

// InChunksOf has a count written in chunks of some rows.
func (k *Keeper) InChunksOf(rows int) { k.most = rows }
