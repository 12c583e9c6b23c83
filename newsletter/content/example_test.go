package content_test

import (
	"fmt"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter/content"
)

func ExampleDesign_Compile() {
	design := content.Design{
		Language: locale.Hungarian,
		Subject:  "{{first_name|Kedves Olvasónk}}, őszi kínálat",
		Blocks: []content.Block{
			{Text: &content.Text{HTML: "{{salutation_familiar}}\n\nMegjött az őszi kínálat."}},
			{Button: &content.Button{Label: "Megnézem", URL: "https://shop.example/autumn"}},
			{Footer: &content.Footer{Company: "Minta Kft.", Address: "1117 Budapest, Budafoki út 56."}},
		},
	}
	programs, err := design.Compile(content.Catalogue())
	if err != nil {
		fmt.Println(err)
		return
	}
	preview := programs.Preview(content.Reader{Name: party.ParseName("Kovács Anna", locale.Hungarian), Unsubscribe: "https://news.example/u/1"})
	fmt.Println(preview.Subject)
	fmt.Println()
	fmt.Print(preview.Text)
	// Output:
	// Anna, őszi kínálat
	//
	// Kedves Anna!
	//
	// Megjött az őszi kínálat.
	//
	// Megnézem <https://shop.example/autumn>
	//
	// Minta Kft.
	// 1117 Budapest, Budafoki út 56.
	//
	// Leiratkozás <https://news.example/u/1>
}
