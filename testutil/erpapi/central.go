package erpapi

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// central is Business Central.
type central struct{}

const centralPrefix = "/v2.0/tenant-1/test/api/v2.0"

func (central) settings(s *Server) map[string]string {
	return map[string]string{"BC_URL": s.URL, "BC_LOGIN": s.URL, "BC_TENANT": "tenant-1", "BC_ENVIRONMENT": "test", "BC_CLIENT_ID": "client-1", "BC_CLIENT_SECRET": s.Secret}
}

func (central) token(table string, r row) string {
	switch table {
	case "customers":
		if token, ok := strings.CutPrefix(r.text("number"), "CRM"); ok {
			return token
		}
	case "salesQuotes", "salesOrders":
		first, _, _ := strings.Cut(r.text("externalDocumentNumber"), " ")
		return first
	case "salesInvoices":
		words := strings.Fields(r.text("externalDocumentNumber"))
		if len(words) > 0 {
			return words[len(words)-1]
		}
	}
	return ""
}

func (central) fail(w http.ResponseWriter, status int, code, message string) {
	if code == "" {
		code = "Unknown"
	}
	reply(w, status, map[string]any{"error": map[string]any{"code": code, "message": message + "  CorrelationId:  4f2c6ba4-6e8a-4a3e-8a1f-1d2c3b4a5f60."}})
}

// seed makes two companies with customers and items.
func (central) seed(s *Server) {
	w := s.world
	s.UserID = "CRM"
	for i, name := range []string{"Cronus Magyarország Kft.", "Second Company"} {
		id := fmt.Sprintf("%08d-1111-4111-8111-000000000001", i+1)
		if i == 0 {
			s.Company = id
		} else {
			s.OtherCompany = id
		}
		w.add("/companies", row{"id": id, "displayName": name})
		w.add(id+"/companyInformation", row{"id": w.id(), "displayName": name, "addressLine1": "Váci út 1.", "city": "Budapest", "postalCode": "1132", "country": "HU", "currencyCode": s.Currency, "taxRegistrationNumber": "12345678-2-41", "email": "info@cronus.example"})
		for code, rate := range map[string]string{"VAT27": "27", "VAT5": "5", "VAT0": "0"} {
			w.add(id+"/taxGroups", row{"id": w.id(), "code": code, "displayName": code, "taxType": "VAT", "#rate": rate})
		}
		w.add(id+"/itemCategories", row{"id": w.id(), "code": "CHAIR", "displayName": "Office Chair"})
		for j, name := range []string{"ATHENS Desk", "PARIS Guest Chair, black", "Írószék, kék"} {
			item := w.add(id+"/items", row{"id": w.id(), "number": fmt.Sprintf("19%02d-S", j), "displayName": name, "type": "Inventory", "itemCategoryCode": "CHAIR", "blocked": false, "inventory": whole(10_000), "unitPrice": whole(int64(649 + j)), "unitCost": whole(300), "taxGroupCode": "VAT27", "baseUnitOfMeasureCode": "PCS"})
			if i == 0 {
				s.Products = append(s.Products, item.text("id"))
			}
		}
		good := w.add(id+"/customers", row{"id": w.id(), "number": "10000", "displayName": "Adatum Zrt.", "type": "Company", "addressLine1": "Andrássy út 2.", "city": "Budapest", "postalCode": "1061", "country": "HU", "email": "robert@adatum.example", "currencyCode": s.Currency, "blocked": " "})
		bad := w.add(id+"/customers", row{"id": w.id(), "number": "20000", "displayName": "Trey Research", "type": "Company", "country": "HU", "currencyCode": s.Currency, "blocked": "All"})
		if i == 0 {
			s.Customer, s.BlockedCustomer = good.text("id"), bad.text("id")
		}
	}
	s.Products, s.VATCode = s.Products[:2], "VAT27"
}

// problem is a refusal.
type problem struct {
	status        int
	code, message string
}

func (p *problem) Error() string { return p.message }

func dialog(format string, args ...any) *problem {
	return &problem{http.StatusBadRequest, "Application_DialogException", fmt.Sprintf(format, args...)}
}

func absent(format string, args ...any) *problem {
	return &problem{http.StatusNotFound, "BadRequest_ResourceNotFound", fmt.Sprintf(format, args...)}
}

var (
	entity  = regexp.MustCompile(`^(\w+)(?:\(([^)]*)\))?$`)
	guid    = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	address = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)

// place is where a request goes: a set, a record in it, a set below that, a record there, an action.
type place struct {
	company, set, id, lines, line, action string
}

func (c central) serve(s *Server, w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token") {
		c.login(s, w, r)
		return
	}
	l, ok := s.logins[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if !ok || !s.now().Before(l.Until) {
		c.fail(w, http.StatusUnauthorized, "Authentication_InvalidCredentials", "The server has rejected the client credentials.")
		return
	}
	p, err := c.where(s, r)
	if err == nil {
		err = c.route(s, w, r, p)
	}
	if err != nil {
		c.fail(w, err.status, err.code, err.message)
	}
}

// login is the token endpoint.
func (central) login(s *Server, w http.ResponseWriter, r *http.Request) {
	if r.ParseForm() != nil || r.PostForm.Get("grant_type") != "client_credentials" || r.PostForm.Get("client_id") != "client-1" || r.PostForm.Get("client_secret") != s.Secret {
		reply(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided: " + r.PostForm.Get("client_secret")})
		return
	}
	token := fmt.Sprintf("token-%d", s.world.next("token"))
	s.logins[token] = session{Until: s.now().Add(time.Hour)}
	reply(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": token})
}

// where takes the address apart.
func (central) where(s *Server, r *http.Request) (place, *problem) {
	var p place
	rest, ok := strings.CutPrefix(r.URL.Path, centralPrefix+"/")
	if !ok {
		return p, absent("No HTTP resource was found that matches the request URI.")
	}
	parts := strings.Split(rest, "/")
	for i, part := range parts {
		if action, ok := strings.CutPrefix(part, "Microsoft.NAV."); ok && i == len(parts)-1 {
			p.action = action
			continue
		}
		m := entity.FindStringSubmatch(part)
		if m == nil {
			return p, absent("Resource not found for the segment '%s'.", part)
		}
		if m[2] != "" && !guid.MatchString(m[2]) {
			return p, &problem{http.StatusBadRequest, "BadRequest_NotFound", "Bad Request - Error in query syntax."}
		}
		switch i {
		case 0:
			p.company = strings.ToLower(m[2])
			if m[1] != "companies" || m[2] != "" && s.world.find("/companies", "id", p.company) == nil {
				return p, &problem{http.StatusNotFound, "Internal_CompanyNotFound", "Cannot process the request because the default company cannot be found."}
			}
		case 1:
			p.set, p.id = m[1], strings.ToLower(m[2])
		case 2:
			p.lines, p.line = m[1], strings.ToLower(m[2])
		default:
			return p, absent("Resource not found for the segment '%s'.", part)
		}
	}
	return p, nil
}

var sets = map[string]string{"salesQuotes": "salesQuoteLines", "salesOrders": "salesOrderLines", "salesInvoices": "salesInvoiceLines"}

func (c central) route(s *Server, w http.ResponseWriter, r *http.Request, p place) *problem {
	switch p.set {
	case "customers", "items", "itemCategories", "taxGroups", "companyInformation":
		if p.lines != "" || p.action != "" || r.Method != http.MethodGet && p.set != "customers" {
			return &problem{http.StatusMethodNotAllowed, "BadRequest_MethodNotAllowed", "'" + r.Method + "' requests for '" + p.set + "' are not allowed."}
		}
	case "salesQuotes", "salesOrders", "salesInvoices":
		if p.lines != "" && p.lines != sets[p.set] {
			return absent("Resource not found for the segment '%s'.", p.lines)
		}
	default:
		return absent("Resource not found for the segment '%s'.", p.set)
	}
	if p.id == "" {
		if r.Method == http.MethodPost {
			return c.create(s, w, r, p)
		}
		return c.list(s, w, r, p)
	}
	record := s.world.find(p.company+"/"+p.set, "id", p.id)
	if record == nil {
		return &problem{http.StatusNotFound, "Internal_RecordNotFound", "The entity does not exist. Identification fields and values: Id='" + p.id + "'"}
	}
	switch {
	case p.action != "":
		return c.act(s, w, record, p)
	case p.lines != "":
		return c.line(s, w, r, record, p)
	case r.Method == http.MethodGet:
		reply(w, http.StatusOK, c.show(s, record, p, r.URL.Query().Get("$expand")))
		return nil
	case r.Method == http.MethodPatch || r.Method == http.MethodDelete:
		return c.change(s, w, r, record, p)
	}
	return &problem{http.StatusMethodNotAllowed, "BadRequest_MethodNotAllowed", "'" + r.Method + "' requests are not allowed."}
}

// show gives a record as the API answers it.
func (central) show(s *Server, r row, p place, expand string) row {
	out := row{"@odata.etag": etag(r)}
	for k, v := range r {
		if !strings.HasPrefix(k, "#") {
			out[k] = v
		}
	}
	if lines := sets[p.set]; lines != "" && expand == lines {
		list := []row{}
		for _, l := range linesOf(s, p.company, p.set, r.text("id")) {
			list = append(list, central{}.show(s, l, place{}, ""))
		}
		out[lines] = list
	}
	return out
}

func etag(r row) string { return fmt.Sprintf(`W/"JzQ0O%s"`, r.text("#version")) }

func (c central) list(s *Server, w http.ResponseWriter, r *http.Request, p place) *problem {
	rows, next, err := s.pageOf(r, s.world.Tables[p.company+"/"+p.set], false)
	if err != nil {
		return &problem{http.StatusBadRequest, "BadRequest", err.Error()}
	}
	value := []row{}
	for _, one := range rows {
		value = append(value, c.show(s, one, p, r.URL.Query().Get("$expand")))
	}
	out := map[string]any{"@odata.context": s.URL + centralPrefix, "value": value}
	if next != "" {
		out["@odata.nextLink"] = next
	}
	reply(w, http.StatusOK, out)
	return nil
}

// matched checks If-Match, which changes of records ask for.
func matched(r *http.Request, record row) *problem {
	switch tag := r.Header.Get("If-Match"); tag {
	case "":
		return &problem{http.StatusBadRequest, "BadRequest_InvalidToken", "Could not validate the client concurrency token required by the service. Please provide a valid token in the client request."}
	case "*", etag(record):
		return nil
	}
	return &problem{http.StatusConflict, "Request_EntityChanged", "Another user has already changed the record."}
}

var centralLengths = map[string]int{
	"number": 20, "displayName": 100, "addressLine1": 100, "addressLine2": 50, "city": 30, "state": 30, "country": 10, "postalCode": 20, "phoneNumber": 30, "email": 80, "website": 80,
	"taxRegistrationNumber": 20, "currencyCode": 10, "externalDocumentNumber": 35, "description": 100, "customerPurchaseOrderReference": 35,
}

// codes are kept in capitals.
var codes = []string{"number", "externalDocumentNumber", "currencyCode", "taxCode"}

// accept checks texts and brings codes to capitals.
func accept(body row) *problem {
	for k, v := range body {
		text, ok := v.(string)
		if most := centralLengths[k]; ok && most > 0 && utf8.RuneCountInString(text) > most {
			return &problem{http.StatusBadRequest, "Application_StringExceededLength", fmt.Sprintf("The length of the string is %d, but it must be less than or equal to %d characters. Value: %s", utf8.RuneCountInString(text), most, text)}
		}
	}
	for _, k := range codes {
		if text, ok := body[k].(string); ok {
			body[k] = strings.ToUpper(text)
		}
	}
	if mail := body.text("email"); mail != "" && !address.MatchString(mail) {
		return dialog("The e-mail address \"%s\" is not valid.", mail)
	}
	return nil
}

func (c central) create(s *Server, w http.ResponseWriter, r *http.Request, p place) *problem {
	body, err := readBody(r)
	if err != nil {
		return &problem{http.StatusBadRequest, "BadRequest", "Invalid Request Body"}
	}
	if bad := accept(body); bad != nil {
		return bad
	}
	made := row{"id": s.world.id(), "#version": whole(s.world.next("version"))}
	if p.set == "customers" {
		if bad := c.customer(s, p, made, body); bad != nil {
			return bad
		}
	} else if bad := c.header(s, p, made, body); bad != nil {
		return bad
	}
	s.world.add(p.company+"/"+p.set, made)
	reply(w, http.StatusCreated, c.show(s, made, p, ""))
	return nil
}

func (central) customer(s *Server, p place, made, body row) *problem {
	made["blocked"] = " "
	for k, v := range body {
		made[k] = v
	}
	if made.text("number") == "" {
		made["number"] = fmt.Sprintf("C%05d", s.world.next(p.company+"customer"))
	}
	if s.world.find(p.company+"/customers", "number", made.text("number")) != nil {
		return &problem{http.StatusBadRequest, "Internal_EntityWithSameKeyExists", "The Customer already exists. Identification fields and values: No.='" + made.text("number") + "'"}
	}
	return nil
}

// change is PATCH or DELETE of a record.
func (c central) change(s *Server, w http.ResponseWriter, r *http.Request, record row, p place) *problem {
	if bad := matched(r, record); bad != nil {
		return bad
	}
	if p.set == "salesInvoices" && record.text("status") != "Draft" {
		return dialog("The record is posted and cannot be changed.")
	}
	if r.Method == http.MethodDelete {
		if p.set == "salesOrders" && shipped(s, p.company, record) {
			return dialog("You cannot delete the order because at least one line was shipped.")
		}
		s.world.remove(p.company+"/"+p.set, "id", record.text("id"))
		s.world.remove(p.company+"/"+sets[p.set], "documentId", record.text("id"))
		reply(w, http.StatusNoContent, nil)
		return nil
	}
	body, err := readBody(r)
	if err != nil {
		return &problem{http.StatusBadRequest, "BadRequest", "Invalid Request Body"}
	}
	if bad := accept(body); bad != nil {
		return bad
	}
	for k, v := range body {
		record[k] = v
	}
	record["#version"] = whole(s.world.next("version"))
	reply(w, http.StatusOK, c.show(s, record, p, ""))
	return nil
}
