package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// series is a counter of issued numbers.
type series struct {
	bun.BaseModel `bun:"table:crm_series,alias:series"`

	Company string `bun:"company,pk,type:nvarchar(40)"`
	Name    string `bun:"name,pk,type:nvarchar(40)"`
	Year    int    `bun:"year,pk"`
	Last    int64  `bun:"last_number"`
}

// NextNumber takes the next number of the company's series for a year, starting at 1. The counter's
// row stays locked until the transaction ends, and a rollback gives the number back, so the series
// has no gaps. Take the number as late as possible.
func (s *Session) NextNumber(ctx context.Context, name string, year int) (int64, error) {
	from := From[series]("")
	n, err := s.Exec(ctx, from, "UPDATE crm_series SET last_number = last_number + 1 WHERE {scope} AND name = ? AND year = ?", name, year)
	if err != nil {
		return 0, wrapSQL(err, "taking a number")
	}
	if n == 0 {
		first := series{Company: s.Actor.Company, Name: name, Year: year, Last: 1}
		if _, err := s.db.bun.NewInsert().Conn(s.tx).Model(&first).Exec(ctx); err != nil {
			return 0, wrapSQL(err, "starting the series "+name)
		}
		return 1, nil
	}
	var last int64
	err = s.Query(ctx, &last, From[series]("series"), "SELECT series.last_number FROM crm_series AS series WHERE {scope} AND series.name = ? AND series.year = ?", name, year)
	if err != nil {
		return 0, fmt.Errorf("taking a number: %w", err)
	}
	return last, nil
}
