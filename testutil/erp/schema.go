package erp

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
)

// schema is written once for both databases. CODE is text that is compared, byte by byte; NAME and
// LONG are text that is shown; DAY and MOMENT are local to the company.
const schema = `
CREATE TABLE erp_company (code CODE(40) NOT NULL, name NAME(200) NOT NULL, tax_id NAME(40) NOT NULL, eu_vat_id NAME(40) NOT NULL,
	line1 NAME(120) NOT NULL, line2 NAME(120) NOT NULL, postal_code NAME(20) NOT NULL, city NAME(80) NOT NULL, region NAME(80) NOT NULL, country CODE(2) NOT NULL,
	phone NAME(40) NOT NULL, email NAME(254) NOT NULL, website NAME(200) NOT NULL, bank_account NAME(60) NOT NULL, iban NAME(40) NOT NULL,
	language CODE(5) NOT NULL, zone CODE(60) NOT NULL, currency CODE(3) NOT NULL, payment_days INT NOT NULL, fiscal_month INT NOT NULL, logo BYTES NULL,
	PRIMARY KEY (code));
CREATE TABLE erp_user (company CODE(40) NOT NULL, id CODE(64) NOT NULL, name NAME(120) NOT NULL, email NAME(254) NOT NULL, phone NAME(40) NOT NULL,
	job_title NAME(120) NOT NULL, role CODE(20) NOT NULL, teams NAME(200) NOT NULL, manager CODE(64) NOT NULL, language CODE(5) NOT NULL, absent FLAG NOT NULL,
	PRIMARY KEY (company, id));
CREATE TABLE erp_number (company CODE(40) NOT NULL, fiscal_year INT NOT NULL, series CODE(20) NOT NULL, last_number INT NOT NULL,
	PRIMARY KEY (company, fiscal_year, series));
CREATE TABLE erp_vat (company CODE(40) NOT NULL, code CODE(10) NOT NULL, name NAME(80) NOT NULL, rate PERCENT NOT NULL, valid_from DAY NOT NULL, valid_to DAY NOT NULL,
	PRIMARY KEY (company, code));
CREATE TABLE erp_product_group (company CODE(40) NOT NULL, code CODE(20) NOT NULL, name NAME(120) NOT NULL,
	PRIMARY KEY (company, code));
CREATE TABLE erp_product (company CODE(40) NOT NULL, code CODE(40) NOT NULL, name NAME(200) NOT NULL, description LONG NOT NULL, group_code CODE(20) NOT NULL,
	unit NAME(20) NOT NULL, vat_code CODE(10) NOT NULL, cost PRICE NULL, discontinued FLAG NOT NULL, search_key CODE(400) NOT NULL,
	PRIMARY KEY (company, code));
CREATE TABLE erp_stock (company CODE(40) NOT NULL, product CODE(40) NOT NULL, on_hand QUANTITY NOT NULL,
	PRIMARY KEY (company, product));
CREATE TABLE erp_price_list (company CODE(40) NOT NULL, code CODE(20) NOT NULL, name NAME(120) NOT NULL, standard FLAG NOT NULL,
	PRIMARY KEY (company, code));
CREATE TABLE erp_price (company CODE(40) NOT NULL, list CODE(20) NOT NULL, product CODE(40) NOT NULL, currency CODE(3) NOT NULL,
	min_quantity QUANTITY NOT NULL, valid_from DAY NOT NULL, valid_to DAY NOT NULL, price PRICE NOT NULL, discount PERCENT NOT NULL,
	PRIMARY KEY (company, product, currency, list, min_quantity, valid_from));
CREATE TABLE erp_customer (company CODE(40) NOT NULL, code CODE(20) NOT NULL, token CODE(80) NOT NULL, person FLAG NOT NULL,
	name NAME(200) NOT NULL, given NAME(80) NOT NULL, family NAME(120) NOT NULL, tax_id NAME(40) NOT NULL, eu_vat_id NAME(40) NOT NULL,
	email NAME(254) NOT NULL, phone NAME(40) NOT NULL, website NAME(200) NOT NULL,
	line1 NAME(120) NOT NULL, line2 NAME(120) NOT NULL, postal_code NAME(20) NOT NULL, city NAME(80) NOT NULL, region NAME(80) NOT NULL, country CODE(2) NOT NULL,
	currency CODE(3) NOT NULL, price_list CODE(20) NOT NULL, payment_days INT NOT NULL, language CODE(5) NOT NULL, blocked FLAG NOT NULL,
	email_key CODE(254) NOT NULL, phone_key CODE(40) NOT NULL, tax_key CODE(40) NOT NULL, name_key CODE(400) NOT NULL, sort_key SORTKEY NOT NULL,
	created_by CODE(64) NOT NULL, created_at MOMENT NOT NULL,
	PRIMARY KEY (company, code));
CREATE UNIQUE INDEX ux_erp_customer_token ON erp_customer (company, token);
CREATE INDEX ix_erp_customer_email ON erp_customer (company, email_key);
CREATE INDEX ix_erp_customer_phone ON erp_customer (company, phone_key);
CREATE INDEX ix_erp_customer_tax ON erp_customer (company, tax_key);
CREATE INDEX ix_erp_customer_name ON erp_customer (company, name_key);
CREATE INDEX ix_erp_customer_sort ON erp_customer (company, sort_key, code);
CREATE TABLE erp_contact (company CODE(40) NOT NULL, code CODE(20) NOT NULL, token CODE(80) NOT NULL, customer CODE(20) NOT NULL,
	name NAME(200) NOT NULL, given NAME(80) NOT NULL, family NAME(120) NOT NULL, job_title NAME(120) NOT NULL,
	email NAME(254) NOT NULL, phone NAME(40) NOT NULL, mobile NAME(40) NOT NULL, language CODE(5) NOT NULL,
	created_by CODE(64) NOT NULL, created_at MOMENT NOT NULL,
	PRIMARY KEY (company, code));
CREATE INDEX ix_erp_contact_customer ON erp_contact (company, customer);
` + orderTables + deliveryTables + invoiceTables + paperTables

// The three kinds of documents have the same columns, and each those of its own trade.
const (
	header = `company CODE(40) NOT NULL, number CODE(20) NOT NULL, token CODE(80) NOT NULL, customer CODE(20) NOT NULL,
	doc_date DAY NOT NULL, due_date DAY NOT NULL, currency CODE(3) NOT NULL, reference NAME(60) NOT NULL, note LONG NOT NULL,
	source_kind CODE(20) NOT NULL, source_number CODE(20) NOT NULL, net TOTAL NOT NULL, vat TOTAL NOT NULL, gross TOTAL NOT NULL,
	state CODE(10) NOT NULL, cancel_reason LONG NOT NULL, created_by CODE(64) NOT NULL, created_at MOMENT NOT NULL, PRIMARY KEY (company, number)`
	line = `company CODE(40) NOT NULL, number CODE(20) NOT NULL, row_no INT NOT NULL, source_row INT NOT NULL,
	product CODE(40) NOT NULL, name NAME(400) NOT NULL, quantity QUANTITY NOT NULL, unit NAME(20) NOT NULL, unit_price PRICE NOT NULL,
	discount PERCENT NOT NULL, vat_code CODE(10) NOT NULL, vat_rate PERCENT NOT NULL, net TOTAL NOT NULL, PRIMARY KEY (company, number, row_no)`

	orderTables = `
CREATE TABLE erp_order (` + header + `);
CREATE UNIQUE INDEX ux_erp_order_token ON erp_order (company, token);
CREATE INDEX ix_erp_order_customer ON erp_order (company, customer, doc_date);
CREATE INDEX ix_erp_order_date ON erp_order (company, doc_date, number);
CREATE TABLE erp_order_line (delivered QUANTITY NOT NULL, invoiced QUANTITY NOT NULL, ` + line + `);
`
	deliveryTables = `
CREATE TABLE erp_delivery (` + header + `);
CREATE UNIQUE INDEX ux_erp_delivery_token ON erp_delivery (company, token);
CREATE INDEX ix_erp_delivery_customer ON erp_delivery (company, customer, doc_date);
CREATE INDEX ix_erp_delivery_date ON erp_delivery (company, doc_date, number);
CREATE TABLE erp_delivery_line (invoiced QUANTITY NOT NULL, ` + line + `);
`
	invoiceTables = `
CREATE TABLE erp_invoice (posted_at MOMENT NULL, paid_on DAY NULL, paid TOTAL NOT NULL, storno_of CODE(20) NOT NULL, credited_by CODE(20) NOT NULL, ` + header + `);
CREATE UNIQUE INDEX ux_erp_invoice_token ON erp_invoice (company, token);
CREATE INDEX ix_erp_invoice_customer ON erp_invoice (company, customer, doc_date);
CREATE INDEX ix_erp_invoice_storno ON erp_invoice (company, storno_of);
CREATE INDEX ix_erp_invoice_date ON erp_invoice (company, doc_date, number);
CREATE TABLE erp_invoice_line (` + line + `);
CREATE TABLE erp_invoice_vat (company CODE(40) NOT NULL, number CODE(20) NOT NULL, vat_code CODE(10) NOT NULL, rate PERCENT NOT NULL, net TOTAL NOT NULL, vat TOTAL NOT NULL,
	PRIMARY KEY (company, number, vat_code));
`
	// Payment requests, advance invoices and completion acts count no quantities.
	paperTables = `
CREATE TABLE erp_paper (kind CODE(20) NOT NULL, paid_on DAY NULL, paid TOTAL NOT NULL, ` + header + `);
CREATE UNIQUE INDEX ux_erp_paper_token ON erp_paper (company, kind, token);
CREATE INDEX ix_erp_paper_customer ON erp_paper (company, customer, doc_date);
CREATE TABLE erp_paper_line (` + line + `);
CREATE TABLE erp_payment (company CODE(40) NOT NULL, number CODE(20) NOT NULL, customer CODE(20) NOT NULL, paid_kind CODE(20) NOT NULL, paid_number CODE(20) NOT NULL,
	paid_on DAY NOT NULL, currency CODE(3) NOT NULL, amount TOTAL NOT NULL, created_by CODE(64) NOT NULL, created_at MOMENT NOT NULL,
	PRIMARY KEY (company, number));
CREATE INDEX ix_erp_payment_customer ON erp_payment (company, customer, paid_on);
CREATE VIEW erp_open_item AS
	SELECT company, customer, CASE WHEN storno_of = '' THEN 'invoice' ELSE 'credit' END AS kind, number, doc_date, due_date, currency,
		CAST(gross AS TOTAL) AS gross, CAST(gross - paid AS TOTAL) AS still_open
	FROM erp_invoice WHERE state = 'posted' AND gross <> paid
	UNION ALL SELECT company, customer, kind, number, doc_date, due_date, currency, CAST(gross AS TOTAL), CAST(gross - paid AS TOTAL)
	FROM erp_paper WHERE state = 'open' AND kind <> 'completion_act' AND gross <> paid;
`
)

var (
	sized = regexp.MustCompile(`\b(CODE|NAME)\((\d+)\)`)
	plain = regexp.MustCompile(`\b(LONG|PRICE|TOTAL|QUANTITY|PERCENT|DAY|MOMENT|BYTES|SORTKEY|FLAG)\b`)
	named = regexp.MustCompile(`^CREATE (TABLE|VIEW|UNIQUE INDEX|INDEX) (\w+)`)
)

var columnTypes = map[string]map[string]string{
	SQLite: {
		"CODE": "TEXT", "NAME": "TEXT", "LONG": "TEXT", "PRICE": "INTEGER", "TOTAL": "INTEGER", "QUANTITY": "INTEGER", "PERCENT": "INTEGER",
		"DAY": "TEXT", "MOMENT": "TEXT", "BYTES": "BLOB", "SORTKEY": "BLOB", "FLAG": "INTEGER",
	},
	MSSQL: {
		"CODE": "NVARCHAR($2) COLLATE Latin1_General_100_BIN2", "NAME": "NVARCHAR($2)", "LONG": "NVARCHAR(MAX)",
		"PRICE": "DECIMAL(18,4)", "TOTAL": "DECIMAL(18,2)", "QUANTITY": "DECIMAL(18,6)", "PERCENT": "DECIMAL(9,4)",
		"DAY": "DATE", "MOMENT": "DATETIME2(3)", "BYTES": "VARBINARY(MAX)", "SORTKEY": "VARBINARY(120)", "FLAG": "SMALLINT",
	},
}

// Install creates the tables that do not exist yet, in one transaction. Calling it again changes
// nothing.
func (e *ERP) Install(ctx context.Context) error {
	types, ok := columnTypes[e.dialect]
	if !ok {
		return fmt.Errorf("erp: the dialect %q is not known; use %q or %q", e.dialect, SQLite, MSSQL)
	}
	tx, err := e.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("erp: installing: %w", err)
	}
	defer tx.Rollback() // after the commit it does nothing
	if e.dialect == MSSQL {
		const lock = "EXEC sp_getapplock @Resource = 'erp_install', @LockMode = 'Exclusive', @LockOwner = 'Transaction'"
		if _, err := tx.ExecContext(ctx, lock); err != nil {
			return fmt.Errorf("erp: installing: %w", err)
		}
	}
	there := false
	for statement := range strings.SplitSeq(schema, ";") {
		create := named.FindStringSubmatch(strings.TrimSpace(statement))
		if create == nil {
			continue
		}
		// The indexes of a table stand behind it, and exist when it does.
		if create[1] == "TABLE" || create[1] == "VIEW" {
			if there, err = e.hasTable(ctx, tx, create[2]); err != nil {
				return fmt.Errorf("erp: installing %s: %w", create[2], err)
			}
		}
		if there {
			continue
		}
		if _, err := tx.ExecContext(ctx, typed(statement, types)); err != nil {
			return fmt.Errorf("erp: installing %s: %w", create[2], err)
		}
	}
	return tx.Commit()
}

func (e *ERP) hasTable(ctx context.Context, tx *sql.Tx, name string) (bool, error) {
	query := "SELECT COUNT(*) FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?"
	if e.dialect == MSSQL {
		query = "SELECT CASE WHEN OBJECT_ID(@p1) IS NULL THEN 0 ELSE 1 END"
	}
	var n int
	err := tx.QueryRowContext(ctx, query, name).Scan(&n)
	return n > 0, err
}

// typed puts the database's own types into a CREATE.
func typed(create string, types map[string]string) string {
	create = sized.ReplaceAllStringFunc(create, func(m string) string {
		return sized.ReplaceAllString(m, types[m[:4]])
	})
	return plain.ReplaceAllStringFunc(create, func(m string) string { return types[m] })
}
