package content

import (
	"context"
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// Prices tells what products of the host cost.
type Prices interface {
	// Price gives the price as it is to be shown, such as "12 990 Ft"; fault.NotFound where the product has
	// none.
	Price(ctx context.Context, product string, lang locale.Language) (string, error)
}

// Priced gives the design with the prices of today in the products that have a Key. What the host does not
// sell any more is a fault with the path of its block, all at once; other errors are given as they are.
func (d Design) Priced(ctx context.Context, prices Prices) (Design, error) {
	var faults fault.List
	blocks, err := priced(ctx, prices, d.Language, "blocks", d.Blocks, &faults)
	if err != nil {
		return Design{}, err
	}
	if err := faults.Err("some products have no price"); err != nil {
		return Design{}, err
	}
	d.Blocks = blocks
	return d, nil
}

func priced(ctx context.Context, prices Prices, lang locale.Language, path string, blocks []Block, faults *fault.List) ([]Block, error) {
	blocks = slices.Clone(blocks)
	for i := range blocks {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch b := &blocks[i]; {
		case b.Columns != nil:
			columns := slices.Clone(b.Columns.Columns)
			for n := range columns {
				inner, err := priced(ctx, prices, lang, fmt.Sprintf("%s.columns.columns[%d].blocks", at, n), columns[n].Blocks, faults)
				if err != nil {
					return nil, err
				}
				columns[n].Blocks = inner
			}
			b.Columns = &Columns{Columns: columns}
		case b.Product != nil && b.Product.Key != "":
			price, err := prices.Price(ctx, b.Product.Key, lang)
			if fault.CodeOf(err) == fault.NotFound {
				faults.Add(at+".product.key", "product.price", "%q has no price any more; remove the product, or type the price and leave the key empty", b.Product.Key)
				continue
			}
			if err != nil {
				return nil, err
			}
			product := *b.Product
			product.Price = price
			b.Product = &product
		}
	}
	return blocks, nil
}
