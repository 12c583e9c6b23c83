package bounce_test

import (
	"fmt"
	"strings"

	"github.com/crmplus/crmplus/newsletter/bounce"
)

func ExampleParse() {
	raw := strings.ReplaceAll(`From: MAILER-DAEMON@mail.example.co.il
To: b-2n9c-lfls-abcdefgh@bounce.minta.hu
Subject: failure notice

Hi. This is the qmail-send program at mail.example.co.il.

<david.levi@example.co.il>:
Remote host said: 550 5.1.1 unknown user
`, "\n", "\r\n")
	r := bounce.Parse([]byte(raw))
	for _, to := range r.Recipients {
		fmt.Println(r.Kind, to.Address, to.Status, to.Class)
	}
	fmt.Println(r.Reference.Addresses)
	// Output:
	// delivery david.levi@example.co.il 5.1.1 hard
	// [b-2n9c-lfls-abcdefgh@bounce.minta.hu]
}

func ExampleParseAnswer() {
	for _, said := range []string{"550 5.1.1 user unknown", "552 5.2.2 mailbox full", "550 5.7.1 blocked, see our policy", "451 4.7.1 greylisted"} {
		fmt.Println(said, "->", bounce.ParseAnswer(said).Class)
	}
	// Output:
	// 550 5.1.1 user unknown -> hard
	// 552 5.2.2 mailbox full -> soft
	// 550 5.7.1 blocked, see our policy -> own
	// 451 4.7.1 greylisted -> temporary
}
