package content

import "testing"

func TestPlainText(t *testing.T) {
	for _, r := range []struct{ name, html, want string }{
		{"paragraphs", "<p>One\n two</p><p>Three</p>", "One two\n\nThree\n"},
		{"line breaks", "One<br>two<br/><br/><br/>three", "One\ntwo\n\nthree\n"},
		{"what is hidden", `<head><title>x</title><style>a{}</style></head><div style="DISPLAY: none">x<div>y</div></div><script>x</script><p>Words</p>`, "Words\n"},
		{"lists", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><ol><li>d</li><li>e</li></ol>", "- a\n  - b\n- c\n\n1. d\n2. e\n"},
		{"links", `<a href="https://a.example/">Shop</a>, <a href="https://b.example/">https://b.example</a>, <a href="#x">top</a>, <a href="mailto:a@b.example">write</a>, <a href="tel:+361">+361</a>`,
			"Shop <https://a.example/>, https://b.example, top, write <a@b.example>, +361\n"},
		{"a picture that leads somewhere", `<a href="https://a.example/"><img alt="Sale" src="x"></a>`, "Sale <https://a.example/>\n"},
		{"a picture without words", `<p>a</p><img src="x" alt=""><p>b</p>`, "a\n\nb\n"},
		{"lines across", "<p>a</p><hr><p>b</p>", "a\n\n----\n\nb\n"},
		{"tables", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\nb\nc\n"},
		{"fields and entities", "<p>{{first_name|&quot;you&quot;}} &amp; co &lt;3</p>", "{{first_name|\"you\"}} & co <3\n"},
		{"a condition in a line", "<p>Dear {{#if title}}{{title}} {{/if}}{{first_name}}!</p>", "Dear {{#if title}}{{title}} {{/if}}{{first_name}}!\n"},
		{"a condition round a block", "<p>a</p>{{#if x}}<p>b</p>{{else}}<p>c</p>{{/if}}<p>d</p>", "a{{#if x}}\n\nb{{else}}\n\nc{{/if}}\n\nd\n"},
		{"a condition behind words", "<td>a </td> {{#if x}}<p>b</p>{{/if}}", "a{{#if x}}\n\nb{{/if}}\n"},
		{"written as it is", "<pre>a\n  b</pre>", "a\n  b\n"},
		{"tags that never close", "<p>a<td><a href=https://x.example/>b<li>c", "a\nb\n- c <https://x.example/>\n"},
		{"what only looks like a field", "{{ {{x}} }} }}{{", "{{ {{x}} }} }}{{\n"},
	} {
		t.Run(r.name, func(t *testing.T) {
			if got := plainText(r.html); got != r.want {
				t.Errorf("got  %q\nwant %q", got, r.want)
			}
		})
	}
}
