package erp

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/erpbridge"
)

// Company is a company with what the ERP itself has to know of it.
type Company struct {
	erpbridge.Company
	// PaymentDays is the usual term of payment; a customer without one of its own gets it.
	PaymentDays int
	// FiscalMonth is the month in which the fiscal year begins, 1 to 12; 0 means January.
	FiscalMonth int
}

const companyColumns = "name, tax_id, eu_vat_id, line1, line2, postal_code, city, region, country, phone, email, website, bank_account, iban, language, zone, currency, logo"

type companies struct{ e *ERP }

// Company implements erpbridge.Companies.
func (p companies) Company(ctx context.Context, s erpbridge.Session) (erpbridge.Company, error) {
	w, err := p.e.work(s)
	if err != nil {
		return erpbridge.Company{}, err
	}
	c := erpbridge.Company{Key: w.Company}
	var language, zone string
	a := &c.Address
	found, err := w.row(ctx, []any{
		&c.Name, &c.TaxID, &c.EUVatID, &a.Line1, &a.Line2, &a.PostalCode, &a.City, &a.Region, &a.Country, &c.Phone, &c.Email, &c.Website,
		&c.BankAccount, &c.IBAN, &language, &zone, &c.Locale.Currency, &c.Logo,
	}, "SELECT "+companyColumns+" FROM erp_company WHERE code = ?", w.Company)
	if err != nil {
		return erpbridge.Company{}, err
	}
	if !found {
		return erpbridge.Company{}, fault.New(fault.NotFound, "there is no company %q", w.Company)
	}
	c.Locale.Language, _ = locale.ParseLanguage(language)
	if c.Locale.Zone, err = time.LoadLocation(zone); err != nil {
		return erpbridge.Company{}, fmt.Errorf("erp: the zone of company %s: %w", w.Company, err)
	}
	return c, nil
}

// ListCompanies gives the keys and names of all companies, in the order of their keys.
func (e *ERP) ListCompanies(ctx context.Context) ([]erpbridge.Company, error) {
	rows, err := e.db.QueryContext(ctx, "SELECT code, name FROM erp_company ORDER BY code")
	if err != nil {
		return nil, fmt.Errorf("erp: reading the companies: %w", err)
	}
	defer rows.Close()
	var list []erpbridge.Company
	for rows.Next() {
		var c erpbridge.Company
		if err := rows.Scan(&c.Key, &c.Name); err != nil {
			return nil, fmt.Errorf("erp: reading the companies: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// AddCompany writes a new company. The session's company is the new one's key.
func (e *ERP) AddCompany(ctx context.Context, s erpbridge.Session, c Company) error {
	w, err := e.work(s)
	if err != nil {
		return err
	}
	if c.FiscalMonth == 0 {
		c.FiscalMonth = 1
	}
	a := c.Address
	return w.exec(ctx, "INSERT INTO erp_company (code, payment_days, fiscal_month, "+companyColumns+") VALUES ("+marks(21)+")",
		w.Company, c.PaymentDays, c.FiscalMonth, c.Name, c.TaxID, c.EUVatID, a.Line1, a.Line2, a.PostalCode, a.City, a.Region, a.Country,
		c.Phone, c.Email, c.Website, c.BankAccount, c.IBAN, string(c.Locale.Language), c.Locale.Location().String(), c.Locale.Currency, c.Logo)
}

// Role is what a user does in the ERP.
type Role string

// The roles.
const (
	Seller  Role = "seller"
	Manager Role = "manager"
	Admin   Role = "admin"
	// Accountant reads everything and changes nothing of sales.
	Accountant Role = "accountant"
)

// User is a user of one company with what the ERP's login needs.
type User struct {
	erpbridge.User
	Role     Role
	Language locale.Language
}

const userColumns = "id, name, email, phone, job_title, role, teams, manager, language, absent"

// AddUser writes a new user of the session's company.
func (e *ERP) AddUser(ctx context.Context, s erpbridge.Session, u User) error {
	w, err := e.work(s)
	if err != nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO erp_user (company, "+userColumns+") VALUES ("+marks(11)+")", w.Company, u.ID, u.Name, u.Email, u.Phone,
		u.JobTitle, string(u.Role), strings.Join(u.Teams, " "), u.Manager, string(u.Language), u.Absent)
}

// LoginUser gives one user with role and language; fault.NotFound where the company has none of that
// id.
func (e *ERP) LoginUser(ctx context.Context, s erpbridge.Session, id string) (User, error) {
	list, err := e.users(ctx, s, " AND id = ?", id)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "company %s has no user %q", s.Company, id)
	}
	if err != nil {
		return User{}, err
	}
	return list[0], nil
}

// LoginUsers gives all users of the company with roles and languages, in the order of their ids.
func (e *ERP) LoginUsers(ctx context.Context, s erpbridge.Session) ([]User, error) {
	return e.users(ctx, s, "")
}

func (e *ERP) users(ctx context.Context, s erpbridge.Session, where string, args ...any) ([]User, error) {
	w, err := e.work(s)
	if err != nil {
		return nil, err
	}
	var list []User
	err = w.rows(ctx, func(r *sql.Rows) error {
		var u User
		var teams, language string
		err := r.Scan(&u.ID, &u.Name, &u.Email, &u.Phone, &u.JobTitle, &u.Role, &teams, &u.Manager, &language, &u.Absent)
		u.Teams = strings.Fields(teams)
		u.Language, _ = locale.ParseLanguage(language)
		list = append(list, u)
		return err
	}, "SELECT "+userColumns+" FROM erp_user WHERE company = ?"+where+" ORDER BY id", append([]any{w.Company}, args...)...)
	return list, err
}

type users struct{ e *ERP }

// User implements erpbridge.Users.
func (p users) User(ctx context.Context, s erpbridge.Session, id string) (erpbridge.User, error) {
	u, err := p.e.LoginUser(ctx, s, id)
	return u.User, err
}

// ListUsers implements erpbridge.Users.
func (p users) ListUsers(ctx context.Context, s erpbridge.Session) ([]erpbridge.User, error) {
	all, err := p.e.LoginUsers(ctx, s)
	list := make([]erpbridge.User, len(all))
	for i, u := range all {
		list[i] = u.User
	}
	return list, err
}
