package track_test

import (
	"bytes"
	"fmt"

	"github.com/crmplus/crmplus/newsletter/track"
)

func ExampleKeys() {
	keys, err := track.NewKeys(track.Key{ID: 2, Secret: bytes.Repeat([]byte("new"), 12)}, track.Key{ID: 1, Secret: bytes.Repeat([]byte("old"), 12)})
	if err != nil {
		panic(err)
	}
	link := keys.Token(track.Token{Kind: track.Click, Campaign: 42, Seq: 1000, Link: 3})
	token, err := keys.Read(track.Click, link)
	fmt.Println(token.Campaign, token.Seq, token.Link, err)

	_, err = keys.Read(track.Unsubscribe, link)
	fmt.Println(err)

	campaign, seq, ok := keys.ReadReturnPath(keys.ReturnPath(42, 1000, "bounce.minta.hu"))
	fmt.Println(campaign, seq, ok)
	// Output:
	// 42 1000 3 <nil>
	// this address is not one of ours, or not whole; open it from the mail again
	// 42 1000 true
}
