package regional

import _ "embed"

//go:embed procedures_mssql.sql
var proceduresMSSQL string
