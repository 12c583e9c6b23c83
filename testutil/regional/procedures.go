package regional

import _ "embed"

// proceduresMSSQL are the procedures and table types, on SQL Server only.
//
//go:embed procedures_mssql.sql
var proceduresMSSQL string
