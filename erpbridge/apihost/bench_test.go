package apihost_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
	"github.com/crmplus/crmplus/testutil/erpapi"
)

// BenchmarkOrder reads an order with 20 lines: the bare request with encoding/json into a map beside ours,
// which also makes our document of it.
func BenchmarkOrder(b *testing.B) {
	erp := erpapi.BusinessOne(b, erpapi.Options{})
	host := open(b, "sap-business-one", erp, func(d *apihost.Description, _ *apihost.Options) { d.Limits.PerSecond, d.Limits.Burst = 1e9, 1e9 })
	r := &rig{erp: erp, host: host, clock: newClock()}
	made, err := host.Documents.Create(b.Context(), r.session("bench", 0), r.order(20))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("bare", func(b *testing.B) {
		login, err := http.Post(erp.URL+"/b1s/v2/Login", "application/json", jsonBody(map[string]string{"CompanyDB": erp.Company, "UserName": "manager", "Password": erp.Secret})) //nolint:noctx // a benchmark
		if err != nil {
			b.Fatal(err)
		}
		defer login.Body.Close()
		for b.Loop() {
			q, err := http.NewRequestWithContext(b.Context(), http.MethodGet, erp.URL+"/b1s/v2/Orders("+made.Key+")", nil)
			if err != nil {
				b.Fatal(err)
			}
			for _, c := range login.Cookies() {
				q.AddCookie(c)
			}
			a, err := http.DefaultClient.Do(q)
			if err != nil {
				b.Fatal(err)
			}
			var v map[string]any
			if err := json.NewDecoder(a.Body).Decode(&v); err != nil {
				b.Fatal(err)
			}
			_ = a.Body.Close()
		}
	})
	b.Run("apihost", func(b *testing.B) {
		for b.Loop() {
			if _, err := host.Documents.Document(b.Context(), r.session("", 0), erpbridge.Ref{Kind: erpbridge.Order, Key: made.Key}); err != nil {
				b.Fatal(err)
			}
		}
	})
	http.DefaultClient.CloseIdleConnections()
}

func jsonBody(v any) io.Reader {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(data)
}
