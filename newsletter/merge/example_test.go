package merge_test

import (
	"fmt"

	"github.com/crmplus/crmplus/newsletter/merge"
)

func ExampleParse() {
	program, err := merge.Parse(merge.Source{
		As:    merge.Markup,
		Text:  `<p>Dear {{first_name|reader}},{{#if city}} see you in {{city}}:{{/if}} <a href="https://shop.example/sale">Sale</a></p>`,
		Known: merge.Known{"first_name": merge.Words, "city": merge.Words},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	link := func(dst []byte, n int) []byte { return fmt.Appendf(dst, "https://news.example/c/%d", n) }
	fmt.Println(program.Fields, program.Links)
	fmt.Println(string(program.Append(nil, []string{"Anna <3", "Győr"}, link)))
	fmt.Println(string(program.Append(nil, nil, link)))
	// Output:
	// [first_name city] [https://shop.example/sale]
	// <p>Dear Anna &lt;3, see you in Győr: <a href="https://news.example/c/0">Sale</a></p>
	// <p>Dear reader, <a href="https://news.example/c/0">Sale</a></p>
}
