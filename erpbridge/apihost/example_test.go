package apihost_test

import (
	"fmt"

	"github.com/crmplus/crmplus/erpbridge/apihost"
)

// A description is checked as a whole, and explained before anything is sent.
func Example() {
	description, err := apihost.Parse([]byte(`
version: 1
name: Acme ERP
base: https://erp.acme.example/api
values: plain
settings: {ACME_KEY: the key of the CRM user}
login: {kind: header, header: X-Api-Key, key: "${ACME_KEY}"}
token: {length: 16}
customers:
  read: {key: id, name: title}
  get: {path: "/customers/{customer.key}"}
  find: {path: /customers, query: {external_id: "{token}"}}
  create:
    - {name: made, method: POST, path: /customers, body: {external_id: =token, title: =customer.nam}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range apihost.Check(description) {
		fmt.Println(f.Path, f.Code)
	}
	description.Customers.Create[0].Body = map[string]any{"external_id": "=token", "title": "=customer.name"}
	fmt.Print(apihost.Explain(description))
	// Output:
	// customers.create[0].body formula
	// Acme ERP is reached at https://erp.acme.example/api.
	// We prove who we are with a key in the header X-Api-Key.
	// Of a conversion's token a print of 16 capital letters and digits is kept at the host, so that what was made is found again.
	//
	// Customers
	//   One is read by GET /customers/{customer.key}
	//   Before a new one is made it is looked for by GET /customers?external_id={token}
	//   A new one is made by POST /customers
	//     external_id = token
	//     title = customer.name
}
