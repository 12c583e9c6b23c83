package erpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// one is the Service Layer of SAP Business One.
type one struct{}

const onePrefix = "/b1s/v2/"

func (one) settings(s *Server) map[string]string {
	return map[string]string{"B1_URL": s.URL, "B1_USER": "manager", "B1_PASSWORD": s.Secret}
}

func (one) token(table string, r row) string {
	if table == "BusinessPartners" {
		if code := r.text("CardCode"); len(code) == 15 {
			return code
		}
		return ""
	}
	return r.text("U_CRMToken")
}

func (one) fail(w http.ResponseWriter, status int, code, message string) {
	if code == "" {
		code = "-1"
	}
	reply(w, status, map[string]any{"error": map[string]any{"code": code, "message": message}})
}

// seed makes two company databases.
func (one) seed(s *Server) {
	w := s.world
	s.Company, s.OtherCompany, s.UserID = "SBODEMO_HU", "SBODEMO_GR", "manager"
	for _, db := range []string{s.Company, s.OtherCompany} {
		w.add("/companies", row{"id": db})
		w.add(db+"/AdminInfo", row{"CompanyName": "OEC Computers " + db, "Country": "HU", "FederalTaxID": "12345678-2-41", "LocalCurrency": s.Currency, "PhoneNumber1": "+3611234567", "EMail": "info@oec.example", "ExtendedAdminInfo": row{"Street": "Váci út 1.", "City": "Budapest", "ZipCode": "1132"}})
		for code, rate := range map[string]int64{"U27": 27, "U5": 5, "U0": 0} {
			w.add(db+"/VatGroups", row{"Code": code, "Name": code, "Inactive": "tNO", "VatGroups_Lines": []row{{"Rate": whole(rate)}}})
		}
		w.add(db+"/ItemGroups", row{"Number": whole(100), "GroupName": "Items"})
		for i, name := range []string{"J.B. Officeprint 1420", "IBM Infoprint 1312", "Írószék, kék"} {
			item := w.add(db+"/Items", row{"ItemCode": fmt.Sprintf("A%05d", i+1), "ItemName": name, "ItemsGroupCode": whole(100), "SalesUnit": "db", "SalesItem": "tYES", "SalesVATGroup": "U27", "QuantityOnStock": whole(10_000), "MovingAveragePrice": whole(100), "Frozen": "tNO", "#price": whole(int64(400 + i))})
			if db == s.Company {
				s.Products = append(s.Products, item.text("ItemCode"))
			}
		}
		w.add(db+"/BusinessPartners", row{"CardCode": "C20000", "CardType": "cCustomer", "CardName": "Maxi-Teq", "CompanyPrivate": "cCompany", "EmailAddress": "info@maxi-teq.example", "Currency": s.Currency, "Frozen": "tNO", "Valid": "tYES", "PriceListNum": whole(1), "LanguageCode": whole(14), "ContactEmployees": []row{}})
		w.add(db+"/BusinessPartners", row{"CardCode": "C30000", "CardType": "cCustomer", "CardName": "Frozen Kft.", "CompanyPrivate": "cCompany", "Currency": s.Currency, "Frozen": "tYES", "Valid": "tNO", "PriceListNum": whole(1), "LanguageCode": whole(14), "ContactEmployees": []row{}})
		for i, name := range []string{"manager", "anna"} {
			w.add(db+"/Users", row{"InternalKey": whole(int64(i + 1)), "UserCode": name, "UserName": "User " + name, "eMail": name + "@oec.example", "MobilePhoneNumber": "", "Locked": "tNO"})
		}
	}
	s.Customer, s.BlockedCustomer, s.VATCode, s.Products = "C20000", "C30000", "U27", s.Products[:2]
}

// oneSession is how long a session lasts without a request.
const oneSession = 30 * time.Minute

func (o one) serve(s *Server, w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, onePrefix)
	if !ok {
		o.fail(w, http.StatusNotFound, "", "Resource not found.")
		return
	}
	if path == "Login" {
		o.login(s, w, r)
		return
	}
	var db string
	if c, err := r.Cookie("B1SESSION"); err == nil {
		if l, ok := s.logins[c.Value]; ok && s.now().Before(l.Until) {
			db = l.Company
			s.logins[c.Value] = session{Company: db, Until: s.now().Add(oneSession)}
		}
	}
	if db == "" {
		o.fail(w, http.StatusUnauthorized, "301", "Invalid session or session already timeout.")
		return
	}
	if bad := o.route(s, w, r, db, path); bad != nil {
		o.fail(w, bad.status, bad.code, bad.message)
	}
}

func (o one) login(s *Server, w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	switch {
	case err != nil:
		o.fail(w, http.StatusBadRequest, "", "Invalid request body.")
	case s.world.find("/companies", "id", body.text("CompanyDB")) == nil:
		o.fail(w, http.StatusBadRequest, "-304", "Fail to get DB Credentials from SLD")
	case body.text("UserName") != "manager" || body.text("Password") != s.Secret:
		o.fail(w, http.StatusUnauthorized, "100000027", "Login failed for "+body.text("UserName")+"/"+body.text("Password"))
	default:
		id := fmt.Sprintf("session-%d", s.world.next("session"))
		s.logins[id] = session{Company: body.text("CompanyDB"), Until: s.now().Add(oneSession)}
		http.SetCookie(w, &http.Cookie{Name: "B1SESSION", Value: id, HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: "ROUTEID", Value: ".node1"})
		reply(w, http.StatusOK, map[string]any{"SessionId": id, "Version": "1000190", "SessionTimeout": 30})
	}
}

var oneEntity = regexp.MustCompile(`^(\w+)(?:\((?:'((?:[^']|'')*)'|(-?\d+))\))?(?:/(\w+))?$`)

// keys are the key fields of the sets.
var keys = map[string]string{"BusinessPartners": "CardCode", "Items": "ItemCode", "ItemGroups": "Number", "VatGroups": "Code", "Users": "InternalKey", "IncomingPayments": "DocEntry"}

func refusal(code, format string, args ...any) *problem {
	return &problem{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

func (o one) route(s *Server, w http.ResponseWriter, r *http.Request, db, path string) *problem {
	switch path {
	case "CompanyService_GetAdminInfo":
		reply(w, http.StatusOK, s.world.Tables[db+"/AdminInfo"][0])
		return nil
	case "CompanyService_GetItemPrice":
		return o.price(s, w, r, db)
	}
	m := oneEntity.FindStringSubmatch(path)
	if m == nil {
		return &problem{http.StatusNotFound, "-1", "Unrecognized resource path."}
	}
	set, key, action := m[1], strings.ReplaceAll(m[2], "''", "'")+m[3], m[4]
	field := keys[set]
	if bases[set] != "" {
		field = "DocEntry"
	}
	if field == "" {
		return &problem{http.StatusNotFound, "-1", "Unrecognized resource path: " + set}
	}
	table := db + "/" + set
	if key == "" {
		switch {
		case r.Method == http.MethodGet:
			return o.list(s, w, r, table)
		case r.Method == http.MethodPost && set == "BusinessPartners":
			return o.partner(s, w, r, db)
		case r.Method == http.MethodPost && bases[set] != "":
			return o.document(s, w, r, db, set)
		}
		return &problem{http.StatusMethodNotAllowed, "-1", "Method not allowed."}
	}
	record := s.world.find(table, field, key)
	if record == nil {
		return &problem{http.StatusNotFound, "-2028", "No matching records found (ODBC -2028)"}
	}
	switch {
	case action == "Cancel" && r.Method == http.MethodPost && bases[set] != "":
		return o.cancel(s, w, db, set, record)
	case action != "":
		return &problem{http.StatusNotFound, "-1", "Unrecognized resource path: " + action}
	case r.Method == http.MethodGet:
		reply(w, http.StatusOK, o.show(record, r.URL.Query().Get("$select")))
		return nil
	case r.Method == http.MethodPatch && set == "BusinessPartners":
		return o.patch(s, w, r, record)
	}
	return &problem{http.StatusMethodNotAllowed, "-1", "Method not allowed."}
}

func (one) show(r row, chosen string) row {
	out := row{"@odata.etag": etag(r)}
	for k, v := range r {
		if !strings.HasPrefix(k, "#") && (chosen == "" || strings.Contains(","+chosen+",", ","+k+",")) {
			out[k] = v
		}
	}
	return out
}

func (o one) list(s *Server, w http.ResponseWriter, r *http.Request, table string) *problem {
	rows, next, err := s.pageOf(r, s.world.Tables[table], true)
	if err != nil {
		return refusal("201", "Invalid query: %v", err)
	}
	value := []row{}
	for _, one := range rows {
		value = append(value, o.show(one, r.URL.Query().Get("$select")))
	}
	out := map[string]any{"value": value}
	if next != "" {
		_, after, _ := strings.Cut(next, onePrefix)
		out["@odata.nextLink"] = after // the Service Layer names it below its root
	}
	reply(w, http.StatusOK, out)
	return nil
}

var oneLengths = map[string]int{"CardCode": 15, "CardName": 100, "EmailAddress": 100, "Phone1": 20, "Website": 100, "FederalTaxID": 32, "NumAtCard": 100, "Comments": 254, "ItemDescription": 100, "Name": 50, "U_CRMToken": 20}

func tooLong(table string, r row) *problem {
	for k, most := range oneLengths {
		if utf8.RuneCountInString(r.text(k)) > most {
			return refusal("-5002", "Value too long in property '%s' of '%s'", k, table)
		}
	}
	return nil
}

func (o one) partner(s *Server, w http.ResponseWriter, r *http.Request, db string) *problem {
	body, err := readBody(r)
	if err != nil {
		return refusal("-1", "Invalid request body.")
	}
	if bad := tooLong("BusinessPartner", body); bad != nil {
		return bad
	}
	switch {
	case body.text("CardCode") == "":
		return refusal("-5002", "Enter a value in field CardCode")
	case s.world.find(db+"/BusinessPartners", "CardCode", body.text("CardCode")) != nil:
		return refusal("-2035", "This entry already exists in the following tables (ODBC -2035)")
	case body.text("EmailAddress") != "" && !address.MatchString(body.text("EmailAddress")):
		return refusal("-5002", "Invalid E_Mail [OCRD.E_Mail]")
	}
	made := row{"Frozen": "tNO", "Valid": "tYES", "PriceListNum": whole(1), "ContactEmployees": []row{}, "#version": whole(s.world.next("version"))}
	for k, v := range body {
		made[k] = v
	}
	s.world.add(db+"/BusinessPartners", made)
	reply(w, http.StatusCreated, o.show(made, ""))
	return nil
}

// patch merges; rows of ContactEmployees without a key are added.
func (o one) patch(s *Server, w http.ResponseWriter, r *http.Request, record row) *problem {
	body, err := readBody(r)
	if err != nil {
		return refusal("-1", "Invalid request body.")
	}
	if tag := r.Header.Get("If-Match"); tag != "" && tag != "*" && tag != etag(record) {
		return &problem{http.StatusPreconditionFailed, "-2039", "Another user modified the record (ODBC -2039)"}
	}
	if bad := tooLong("BusinessPartner", body); bad != nil {
		return bad
	}
	people := record.list("ContactEmployees")
	for _, p := range body.list("ContactEmployees") {
		if key := p.text("InternalCode"); key != "" {
			for _, has := range people {
				if has.text("InternalCode") == key {
					for k, v := range p {
						has[k] = v
					}
				}
			}
			continue
		}
		for _, has := range people {
			if has.text("Name") == p.text("Name") {
				return refusal("-2035", "This entry already exists in the following tables (ODBC -2035)")
			}
		}
		p["InternalCode"] = whole(s.world.next("contact"))
		people = append(people, p)
	}
	for k, v := range body {
		record[k] = v
	}
	record["ContactEmployees"], record["#version"] = people, whole(s.world.next("version"))
	reply(w, http.StatusNoContent, nil)
	return nil
}

func (one) price(s *Server, w http.ResponseWriter, r *http.Request, db string) *problem {
	body, err := readBody(r)
	params, ok := body["ItemPriceParams"].(map[string]any)
	if err != nil || !ok {
		return refusal("-1", "Invalid request body.")
	}
	item := s.world.find(db+"/Items", "ItemCode", row(params).text("ItemCode"))
	if item == nil {
		return &problem{http.StatusNotFound, "-2028", "No matching records found (ODBC -2028)"}
	}
	price, discount := item["#price"], json.Number("0")
	if q := row(params).number("UoMQuantity"); q.GreaterThanOrEqual(hundred) {
		discount = "5"
	}
	reply(w, http.StatusOK, map[string]any{"Price": price, "Discount": discount, "Currency": s.Currency})
	return nil
}
