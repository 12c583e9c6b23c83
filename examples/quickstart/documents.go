package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil/erp"
)

// order makes the ERP's order from the accepted quote.
func (s *story) order(ctx context.Context) error {
	ctx, err := s.as(ctx, hungary, "kovacs")
	if err != nil {
		return err
	}
	input := convert.DocumentInput{From: convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(s.sale.quote.ID)}}
	made, err := s.module.Convert.Order(ctx, input)
	if err != nil {
		return err
	}
	s.sale.ordered = made
	s.sayDocument(made)
	again, err := s.module.Convert.Order(ctx, input)
	if err != nil {
		return err
	}
	return errors.Join(
		same("the order of a second call", again.Document.Number, made.Document.Number),
		same("the order's gross", made.Document.Gross.String(), s.sale.quote.Gross.String()),
		same("the order's reference", made.Document.Reference, s.sale.quote.Number),
	)
}

// deliver delivers the order in two parts: ten of each first, then what remains.
func (s *story) deliver(ctx context.Context) error {
	ctx, err := s.as(ctx, hungary, "kovacs")
	if err != nil {
		return err
	}
	from := convert.Subject{Kind: convert.Conversion, ID: convert.SubjectID(s.sale.ordered.ID)}
	ten := money.MustQuantity("10")
	first := convert.DocumentInput{From: from, Key: "első ütem"}
	for _, l := range s.sale.ordered.Document.Lines {
		if l.Quantity.Cmp(ten) > 0 {
			first.Lines = append(first.Lines, convert.LineChoice{Line: l.Key, Quantity: ten})
		}
	}
	for _, input := range []convert.DocumentInput{first, {From: from}} {
		made, err := s.module.Convert.Deliver(ctx, input)
		if err != nil {
			return err
		}
		s.sayDocument(made)
		again, err := s.module.Convert.Deliver(ctx, input)
		if err != nil {
			return err
		}
		if err := same("the delivery note of a second call", again.Document.Number, made.Document.Number); err != nil {
			return err
		}
	}
	return s.checkDelivered(ctx)
}

// checkDelivered reads the order where the ERP keeps it: everything that was ordered was delivered.
func (s *story) checkDelivered(ctx context.Context) error {
	has, err := s.document(ctx, s.sale.ordered.Document.Ref)
	if err != nil {
		return err
	}
	for _, l := range has.Lines {
		if err := same("what was delivered of "+l.Name, l.Delivered.String(), l.Quantity.String()); err != nil {
			return err
		}
	}
	s.say("order %s is delivered: %d lines", has.Number, len(has.Lines))
	return nil
}

// invoice makes the invoice of the order, and posts it in the ERP.
func (s *story) invoice(ctx context.Context) error {
	ctx, err := s.as(ctx, hungary, "kovacs")
	if err != nil {
		return err
	}
	made, err := s.module.Convert.Invoice(ctx, convert.DocumentInput{From: convert.Subject{Kind: convert.Conversion, ID: convert.SubjectID(s.sale.ordered.ID)}})
	if err != nil {
		return err
	}
	s.sayDocument(made)
	if err := same("the invoice's gross", made.Document.Gross.String(), s.sale.quote.Gross.String()); err != nil {
		return err
	}
	err = s.books.Work(ctx, erp.Clerk{Company: hungary, User: "kovacs"}, func(ctx context.Context, hs erpbridge.Session) error {
		posted, err := s.books.PostInvoice(ctx, hs, made.Document.Number)
		if err != nil {
			return err
		}
		s.say("%s %s in the ERP", posted.Number, posted.State)
		return same("the invoice's state", posted.State, erpbridge.Posted)
	})
	if err != nil {
		return err
	}
	// The host tells CRM+ what became of its document; here in Go, in other languages by a row in
	// crm_request.
	return s.module.Convert.DocumentChanged(ctx, made.Document.Ref, erpbridge.Posted)
}

func (s *story) document(ctx context.Context, ref erpbridge.Ref) (erpbridge.Document, error) {
	var has erpbridge.Document
	err := s.books.Work(ctx, erp.Clerk{Company: hungary, User: "kovacs"}, func(ctx context.Context, hs erpbridge.Session) (err error) {
		has, err = s.books.Host().Documents.Document(ctx, hs, ref)
		return err
	})
	return has, err
}

func (s *story) sayDocument(made convert.Result) {
	d := made.Document
	s.say("%s %s  %s", kindNames[d.Kind], d.Number, fmt.Sprintf("net %s, VAT %s, gross %s", s.money(d.Net, d.Currency), s.money(d.VAT, d.Currency), s.money(d.Gross, d.Currency)))
}

var kindNames = map[erpbridge.Kind]string{
	erpbridge.Order: "order", erpbridge.DeliveryNote: "delivery note", erpbridge.Invoice: "invoice",
}
