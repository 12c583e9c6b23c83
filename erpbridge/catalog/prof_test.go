package catalog_test
import ("testing";"time";"context";"os";"fmt"
"github.com/crmplus/crmplus/erpbridge/catalog")
func TestProf(t *testing.T){
 if os.Getenv("PROF")=="" {t.Skip()}
 db := wide(t, catalog.MSSQL, 500)
 r := &recorder{Queryer: db}
 catalog.Read(context.Background(), r, catalog.MSSQL)
 qs := r.queries
 if b, err := os.ReadFile("/tmp/extra.sql"); err == nil { 
   cur := ""
   for _, l := range splitLines(string(b)) { if l == ";;" { qs = append(qs, cur); cur = "" } else { cur += l+"\n" } }
 }
 for _, q := range qs { s := time.Now(); rows, err := db.Query(q); n:=0; if err != nil { fmt.Println(err); continue }; for rows.Next(){n++}; rows.Close(); fmt.Println(time.Since(s), n, q[:min(len(q),150)]) }
}
func splitLines(s string) []string { out := []string{}; c := ""; for _, r := range s { if r=='\n' { out=append(out,c); c="" } else { c += string(r)} }; return out }
