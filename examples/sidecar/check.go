package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/signon"
)

// check reads the configuration, the database and the mapping without changing anything, and names what is
// wrong.
func check(ctx context.Context, c *call) error {
	db, err := openDatabase(c.config)
	if err != nil {
		return err
	}
	defer db.SQL().Close()
	var faults fault.List
	if err := db.Check(ctx); err != nil {
		if c.config.Database.Migrate {
			fmt.Fprintln(c.out, "database: the tables of CRM+ are not those of this version; they are brought up to date at the start")
		} else {
			faults.Add("database", "schema", "%s; `sidecar migrate` brings the tables up to date", err)
		}
	}
	errs, warnings, err := judgeHost(ctx, c.config, db)
	if err != nil {
		faults = append(faults, hostFaults(err)...)
	}
	for _, text := range errs {
		faults.Add("host", "mapping", "%s", text)
	}
	for _, text := range warnings {
		fmt.Fprintf(c.out, "host: warning: %s\n", text)
	}
	if len(faults) == 0 {
		o, err := open(ctx, withoutMigration(c.config), slog.New(slog.NewTextHandler(io.Discard, nil)))
		switch {
		case err == nil:
			_ = o.db.SQL().Close()
		case !c.config.Database.Migrate: // else it can be judged after the start alone
			return err
		}
	}
	if err := faults.Err("the service cannot start"); err != nil {
		return err
	}
	fmt.Fprintln(c.out, "The configuration, the database and the description of the ERP fit together.")
	return nil
}

func withoutMigration(c config) config {
	c.Database.Migrate = false
	return c
}

func hostFaults(err error) fault.List {
	var list fault.List
	for _, f := range fault.Of(err) {
		f.Path = strings.TrimSuffix("host: "+f.Path, ": ")
		list = append(list, f)
	}
	if len(list) == 0 {
		list.Add("host", "mapping", "%s", err)
	}
	return list
}

func migrate(ctx context.Context, c *call) error {
	db, err := openDatabase(c.config)
	if err != nil {
		return err
	}
	defer db.SQL().Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	fmt.Fprintln(c.out, "The tables of CRM+ are those of this version.")
	return nil
}

// claimFlags are what a token for a try says.
type claimFlags struct {
	signon.Claims
	teams, rights, next string
}

func (c *claimFlags) declare(f *flag.FlagSet) {
	f.StringVar(&c.Company, "company", "", "the ERP's `key` of the company; the first of the configuration where it is not given")
	f.StringVar(&c.User, "user", "", "the ERP's `key` of the user")
	f.StringVar(&c.Name, "name", "", "the user's `name`; the key where it is not given")
	f.StringVar(&c.Role, "role", "seller", "reader, seller, manager or admin")
	f.StringVar(&c.rights, "rights", "", "single rights beside the role, with commas")
	f.StringVar(&c.teams, "teams", "", "the ERP's `keys` of the user's teams, with commas")
	f.StringVar(&c.See, "see", "team", "whose records the user sees: own, team or all")
	f.StringVar(&c.Language, "lang", "", "hu, en, he, ru or el")
	f.StringVar(&c.next, "next", "", "the `path` to land on")
}

// token makes a sign-on token as the ERP would, for trying, and prints the address that takes it.
func token(_ context.Context, c *call) error {
	db, err := openDatabase(c.config)
	if err != nil {
		return err
	}
	defer db.SQL().Close()
	tokens, err := signon.New(db, c.config.tokens())
	if err != nil {
		return err
	}
	claims := c.claims.Claims
	if claims.Company == "" {
		claims.Company = c.config.Host.Companies[0]
	}
	if claims.Name == "" {
		claims.Name = claims.User
	}
	claims.Teams, claims.Rights = list(c.claims.teams), list(c.claims.rights)
	now := time.Now()
	claims.IssuedAt, claims.Expires, claims.ID = now.Unix(), now.Add(time.Minute).Unix(), rand.Text()
	text, err := tokens.Make(claims)
	if err != nil {
		return err
	}
	q := url.Values{"token": {text}}
	if c.claims.next != "" {
		q.Set("next", c.claims.next)
	}
	fmt.Fprintf(c.out, "%s/login?%s\n", c.config.PublicURL, q.Encode())
	return nil
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// askReady asks the running service on this machine.
func askReady(ctx context.Context, c *call) error {
	host, port, err := net.SplitHostPort(c.config.Listen)
	if err != nil {
		return err
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 2*checkWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "the service does not answer")
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 16<<10))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "the service is not ready: %s", strings.TrimSpace(string(text)))
	}
	fmt.Fprintln(c.out, "ready")
	return nil
}
