package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/crmplus/crmplus/crm/lead"
)

//go:embed leads.csv
var leadsFile []byte

// importLeads takes in a file as people have it: cp1250, semicolons, and rows that are wrong.
func (s *story) importLeads(ctx context.Context) error {
	ctx, err := s.as(ctx, hungary, "manager-hu")
	if err != nil {
		return err
	}
	file := lead.Source{Name: "leads.csv", File: bytes.NewReader(leadsFile), Size: int64(len(leadsFile))}
	preview, err := s.module.Leads.Preview(ctx, file, lead.PreviewOptions{})
	if err != nil {
		return err
	}
	plan := preview.Plan // a person can correct it before the import
	s.say("%s, %s, columns parted by %q, read as %s", plan.Format, plan.Encoding, plan.Delimiter, plan.Language)
	for i, name := range plan.Header {
		s.say("  %-16s -> %s", name, plan.Columns[i])
	}
	plan.Source = "partnerlista"

	done, err := s.module.Leads.Import(ctx, file, plan)
	if err != nil {
		return err
	}
	s.say("%d rows: %d leads, %d merged, %d bad", done.RowsRead, done.RowsTaken, done.RowsMerged, done.RowsBad)
	if err := errors.Join(
		same("the rows of the file", done.RowsTaken+done.RowsMerged+done.RowsSkipped+done.RowsBad, done.RowsRead),
		same("the number of leads", done.RowsTaken, 56),
		same("the number of bad rows", done.RowsBad, 6),
	); err != nil {
		return err
	}
	return s.keepRejects(ctx, done.ID)
}

// keepRejects writes the bad rows as a file that can be corrected and imported again.
func (s *story) keepRejects(ctx context.Context, id lead.ImportID) error {
	var text bytes.Buffer
	if _, err := s.module.Leads.Rejects(ctx, id, &text); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.out, "rejects.csv"), text.Bytes(), 0o644); err != nil {
		return err
	}
	table := csv.NewReader(strings.NewReader(strings.TrimPrefix(text.String(), "\uFEFF")))
	table.Comma, table.FieldsPerRecord = ';', -1
	rows, err := table.ReadAll()
	if err != nil {
		return err
	}
	for _, cells := range rows[1:] {
		s.say("  line %s, %s: %s", cells[0], cells[1], cells[2])
	}
	return nil
}
