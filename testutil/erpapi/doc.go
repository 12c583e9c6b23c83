// Package erpapi holds two HTTP servers for tests that behave as the public documentation of two ERPs
// says: [BusinessCentral] is the API v2.0 of Microsoft Dynamics 365 Business Central, [BusinessOne] the
// Service Layer of SAP Business One. They keep customers, items and sales documents in memory, or in a
// file that outlives the process ([Options.File]).
//
// A server has logins that expire by a clock, version tags, number series, paging, filters, the mistakes
// those ERPs refuse and the way they say so. [Faults] breaks requests on purpose: before or after they were
// carried out, at random by a seed or one by one. [Server.Edit] and [Server.Pay] are what people do at the ERP.
// [Server.Doubles] tells whether anything was made twice
// under one token, [Server.Journal] what was asked.
//
//	erp := erpapi.BusinessCentral(t, erpapi.Options{})
//	description, _ := apihost.Open("business-central")
//	host, err := apihost.New(description, apihost.Options{Settings: erp.Settings(), PlainHTTP: true})
package erpapi
