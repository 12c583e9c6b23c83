package quote

// Card gives the document in the form that [Card.Chosen] works on.
func (d Document) Card() Card {
	c := Card{Quote: Quote{ID: d.ID, Number: d.Number, Currency: d.Currency, Net: d.Totals.Net, VAT: d.Totals.VAT, Gross: d.Totals.Gross}, VAT: d.Totals.ByRate}
	for _, l := range d.Lines {
		c.Lines = append(c.Lines, Line{
			Position: l.Position, Kind: l.Kind, AlternativeGroup: l.AlternativeGroup, ProductKey: l.ProductKey, Code: l.Code, Name: l.Name, Description: l.Description,
			Quantity: l.Quantity, Unit: l.Unit, UnitPrice: l.UnitPrice, Discount: l.Discount, VATCode: l.VATCode, VATRate: l.VATRate, Net: l.Net,
		})
	}
	return c
}

// Choices reports whether the reader can choose lines.
func (d Document) Choices() bool {
	for _, l := range d.Lines {
		if l.Kind == Optional || l.Kind.Priced() && l.AlternativeGroup != "" {
			return true
		}
	}
	return false
}
