package mssql

import (
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"

	driver "github.com/microsoft/go-mssqldb"

	"github.com/crmplus/crmplus/crm/fault"
)

// testDSN is the variable of the test server; testutil, which knows it too, reads this package.
const testDSN = "CRMPLUS_TEST_MSSQL"

func TestRemediesOfRefusedConnections(t *testing.T) {
	for want, err := range map[string]error{
		"user and password":          driver.Error{Number: 18456, Message: "Login failed for user 'erp'."},
		"?database=name":             driver.Error{Number: 4060, Message: "Cannot open database"},
		"TrustServerCertificate":     errors.New("TLS Handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority"),
		"add &encrypt=disable":       errors.New("server does not support encryption"),
		"TCP/IP is enabled":          &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")},
		"name, port and network are": errors.New("EOF"),
	} {
		if got := remedy(err); !strings.Contains(got, want) {
			t.Errorf("%v: %q does not say %q", err, got, want)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	refused := func(dsn, want string) {
		t.Helper()
		_, err := Open(dsn)
		if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "wrong-1") {
			t.Errorf("got %v, want %q and no password", err, want)
		}
	}
	// A port that was just given back has nobody.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	refused("sqlserver://erp:wrong-1@"+address+"?database=erp&encrypt=disable", "nobody answers there")

	u, err := url.Parse(os.Getenv(testDSN))
	if err != nil || u.Host == "" {
		t.Skipf("NOT RUN on SQL Server: set %s", testDSN)
	}
	wrong := *u
	wrong.User = url.UserPassword(u.User.Username(), "wrong-1")
	refused(wrong.String(), "refuses the login")
	q := u.Query()
	q.Set("database", "no_such_erp")
	wrong = *u
	wrong.RawQuery = q.Encode()
	refused(wrong.String(), "no database of that name")
}
