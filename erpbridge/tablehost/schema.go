package tablehost

import _ "embed"

//go:generate go test -run TestSchema -update .

//go:embed mapping.schema.json
var schema []byte

// Schema is the JSON schema (draft 2020-12) of mapping files, for editors that complete and check while one
// types: keep it beside the mapping and begin the file with "# yaml-language-server: $schema=mapping.schema.json".
func Schema() []byte { return append([]byte(nil), schema...) }
