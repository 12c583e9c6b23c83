package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// impersonal are text columns that never hold personal data; a new text column is listed here or in
// store.PersonalColumns.
var impersonal = map[string]string{
	"crm_party":                "kind",
	"crm_role":                 "role",
	"crm_party_point":          "kind",
	"crm_party_key":            "kind",
	"crm_merge":                "kind",
	"crm_audit":                "actor_kind action record_kind",
	"crm_event":                "kind state lease_owner",
	"crm_event_done":           "handler",
	"crm_request":              "request_key kind state lease_owner",
	"crm_result":               "request_key state",
	"crm_series":               "name",
	"crm_blob":                 "hash",
	"crm_custom_field":         "record_kind name label field_type rules",
	"crm_lead":                 "status currency",
	"crm_touch":                "channel",
	"crm_import":               "file_hash format encoding mapping state",
	"crm_import_fault":         "column_name",
	"crm_import_mapping":       "fingerprint mapping",
	"crm_lead_upload":          "hash",
	"crm_pipeline":             "name currency",
	"crm_stage":                "name kind required_fields required_activities",
	"crm_opportunity":          "state currency expected_close lost_to progress",
	"crm_opportunity_line":     "product_key product_group name unit",
	"crm_opportunity_seller":   "role",
	"crm_competitor":           "name strengths weaknesses",
	"crm_activity":             "kind state direction ref_kind",
	"crm_attachment":           "mime hash",
	"crm_quote":                "number state progress language currency price_date valid_until issued_on document_hash pdf_hash",
	"crm_quote_line":           "kind alternative_group product_key product_group code unit vat_code",
	"crm_conversion":           "kind subject_kind step token state",
	"crm_host_call":            "operation state lease_owner reason_code",
	"crm_host_token":           "kind token",
	"crm_search":               "kind",
	"crm_search_word":          "kind",
	"crm_search_state":         "phase",
	"crm_api_key":              "name teams rights see hash",
	"crm_api_answer":           "token request_hash state",
	"crm_mail":                 "request_key purpose record_kind state lease_owner reason_code",
	"crm_mail_template":        "purpose language",
	"crm_quote_sending":        "language document_hash",
	"crm_link":                 "record_kind host_kind currency host_state",
	"crm_saved_view":           "page columns sort shared",
	"crm_choice_list":          "list choices",
	"crm_company_text":         "name language body",
	"crm_user_right":           "role rights visibility teams",
	"crm_notice":               "kind record_kind",
	"crm_webhook":              "name url kinds state reason_code",
	"crm_webhook_secret":       "secret",
	"crm_sign_on":              "token_id",
	"crm_webhook_delivery":     "kind state lease_owner",
	"crm_read_log":             "day record_kind",
	"crm_topic":                "channel code offer",
	"crm_topic_text":           "language name description consent",
	"crm_consent_text":         "hash language body",
	"crm_subscription":         "channel state basis",
	"crm_subscription_request": "channel topics",
	"crm_suppression":          "channel reason",
	"crm_consent":              "channel act basis purpose text_hash actor_kind",
	"crm_campaign":             "name channel state reason audience return_domain signing_key transport language quiet_zone unknown_policy winner currency",
	"crm_campaign_content":     "variant language subject design",
	"crm_campaign_edition":     "variant language subject design",
	"crm_campaign_count":       "variant",
	"crm_campaign_recipient":   "variant state",
	"crm_campaign_chunk":       "lease_owner",
	"crm_campaign_answer":      "state lease_owner code",
	"crm_sms_run":              "estimate",
	"crm_sms_message":          "state",
	"crm_segment":              "name kind excluded",
	"crm_segment_version":      "name excluded",
	"crm_sequence":             "name state plan_json",
	"crm_sequence_version":     "plan_json",
	"crm_sequence_letter":      "step",
	"crm_sequence_reader":      "step state source lease_owner because because_of reason",
	"crm_sequence_deed":        "step kind result",
	"crm_rate":                 "currency day",
	"crm_forecast_day":         "day state",
	"crm_forecast_entry":       "from_day to_day state currency expected_close",
	"crm_quota":                "kind measure starts_on currency",
	"crm_deal_reached":         "what",
	"crm_change":               "topic part",
	"crm_commission_month":     "month",
	"crm_commission":           "month product_group kind rule_name base_kind earned_on",
	"crm_sold_month":           "month part counted_on",
	"crm_bought_month":         "month",
	"crm_bought_count":         "known_from counted_on currency missing",
	"crm_report_schedule":      "report rhythm language",
	"crm_policy":               "kind body draft",
	"crm_policy_version":       "body",
	"crm_absence":              "from_day until_day",
	"crm_route_pool":           "pool",
	"crm_route_member":         "pool",
	"crm_route_decision":       "rule_key rule_name method pool team",
	"crm_clock":                "kind noun rule_name state",
	"crm_score":                "band",
	"crm_process":              "name noun state at_name",
	"crm_process_step":         "name who state",
	"crm_customer_value":       "class was_class class_since first_on last_on tasked_on",
	"crm_value_run":            "counted_on lease_owner",
	"crm_suggestion":           "kind product items because due_on state rest_until",
	"crm_workflow":             "name noun state plan_json",
	"crm_workflow_version":     "plan_json",
	"crm_workflow_run":         "noun state lease_owner outcome",
	"crm_workflow_sweep":       "day",
}

var (
	createTable = regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\)`)
	addColumn   = regexp.MustCompile(`(?m)^ALTER TABLE (\w+) ADD (?:COLUMN )?(\w+ [^;]*);`)
	textColumn  = regexp.MustCompile(`(?m)^\t(\w+) (?:NVARCHAR|VARBINARY\(MAX\)|DATE\b)`)
	anyColumn   = regexp.MustCompile(`(?m)^\t([a-z]\w*) (\w+)`)
)

func tables(t *testing.T, d store.Dialect) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, m := range store.Migrations(d) {
		for _, match := range createTable.FindAllStringSubmatch(m.Up, -1) {
			found[match[1]] = match[2]
		}
		for _, match := range addColumn.FindAllStringSubmatch(m.Up, -1) {
			found[match[1]] += "\n\t" + match[2]
		}
	}
	if len(found) < 20 {
		t.Fatalf("only %d tables found in the migrations", len(found))
	}
	return found
}

func TestEveryTextColumnIsClassified(t *testing.T) {
	common := []string{"company", "created_by", "updated_by", "owner_user", "owner_team"}
	for table, body := range tables(t, store.MSSQL) {
		for _, match := range textColumn.FindAllStringSubmatch(body, -1) {
			column := match[1]
			_, personal := store.PersonalColumns[table][column]
			listed := slices.Contains(strings.Fields(impersonal[table]), column) || slices.Contains(common, column)
			if personal == listed {
				t.Errorf("%s.%s: personal %v and impersonal %v; it must be exactly one", table, column, personal, listed)
			}
		}
	}
}

func TestPersonalColumnsExist(t *testing.T) {
	all := tables(t, store.SQLite)
	for table, columns := range store.PersonalColumns {
		for column := range columns {
			if !regexp.MustCompile(`(?m)^\t` + column + ` `).MatchString(all[table]) {
				t.Errorf("%s.%s is registered but does not exist", table, column)
			}
		}
	}
}

func TestDialectsHaveTheSameColumns(t *testing.T) {
	lite, ms := tables(t, store.SQLite), tables(t, store.MSSQL)
	for table, body := range ms {
		names := func(body string) []string {
			var out []string
			for _, m := range anyColumn.FindAllStringSubmatch(body, -1) {
				out = append(out, m[1])
			}
			return out
		}
		if a, b := names(lite[table]), names(body); !slices.Equal(a, b) {
			t.Errorf("%s: SQLite has %v, SQL Server %v", table, a, b)
		}
	}
	for table := range lite {
		if ms[table] == "" && isView(table) {
			delete(lite, table)
		}
	}
	if len(lite) != len(ms) {
		t.Errorf("SQLite has %d tables, SQL Server %d", len(lite), len(ms))
	}
}

// isView reports whether SQL Server has a view by the name of a table of SQLite: what triggers keep there and
// would have writers wait for each other here.
func isView(name string) bool {
	return slices.ContainsFunc(store.Migrations(store.MSSQL), func(m store.Migration) bool {
		return strings.Contains(m.Up, "CREATE VIEW "+name+" AS")
	})
}

func TestMigrateUpDownAndUninstall(t *testing.T) {
	ctx := context.Background()
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "host.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.SQL().Close()
	if _, err := db.SQL().Exec("CREATE TABLE host_customer (id INTEGER PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Check(ctx); err == nil || !strings.Contains(err.Error(), "migrate") {
		t.Errorf("an empty database passes the check: %v", err)
	}
	for range 2 { // the second time changes nothing
		if err := db.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Check(ctx); err != nil {
		t.Fatal(err)
	}
	if err := db.MigrateDown(ctx, 1); err != nil {
		t.Fatal(err)
	}
	st, err := db.Status(ctx)
	if err != nil || len(st.Applied) != 1 || len(st.Pending) != len(store.Migrations(store.SQLite))-1 {
		t.Errorf("after going down to 1: %+v, %v", st, err)
	}
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := db.Uninstall(ctx); err != nil {
		t.Fatal(err)
	}
	if got := objects(t, db.SQL()); !slices.Equal(got, []string{"host_customer"}) {
		t.Errorf("after uninstalling there is %v", got)
	}
}

func objects(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		names = append(names, n)
	}
	return names
}

func TestManyProcessesMigrateAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "host.db")
	errs := make(chan error)
	for range 6 {
		go func() {
			db, err := sqlite.Open(file)
			if err == nil {
				err = db.Migrate(context.Background())
				_ = db.SQL().Close()
			}
			errs <- err
		}()
	}
	for range 6 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestScriptForAdministratorsBuildsTheSameSchema(t *testing.T) {
	env := testutil.SQLite(t)
	var script bytes.Buffer
	if err := env.DB.WriteSQL(&script, 0); err != nil {
		t.Fatal(err)
	}
	by, err := sqlite.Open(filepath.Join(t.TempDir(), "script.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer by.SQL().Close()
	for _, batch := range strings.Split(script.String(), "\nGO\n") {
		if _, err := by.SQL().Exec(batch); err != nil {
			t.Fatalf("%v in %.200s", err, batch)
		}
	}
	if err := by.Check(context.Background()); err != nil {
		t.Error(err)
	}
	if a, b := fmt.Sprint(objects(t, by.SQL())), fmt.Sprint(objects(t, env.DB.SQL())); a != b {
		t.Errorf("the script made %s, Migrate %s", a, b)
	}
}

func TestChangedMigrationIsNoticed(t *testing.T) {
	env := testutil.SQLite(t)
	if _, err := env.DB.SQL().Exec("UPDATE crm_migration SET checksum = 'other' WHERE number = 2"); err != nil {
		t.Fatal(err)
	}
	if err := env.DB.Check(context.Background()); err == nil || !strings.Contains(err.Error(), "0002") {
		t.Errorf("got %v", err)
	}
	if err := env.DB.Migrate(context.Background()); err == nil {
		t.Error("Migrate went on")
	}
}

func TestViewsCanBeRead(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		for _, v := range []string{"lead", "opportunity", "opportunity_line", "activity", "quote", "link"} {
			rows, err := env.DB.SQL().Query("SELECT * FROM crm_v_" + v + " WHERE company = '-'")
			if err != nil {
				t.Errorf("crm_v_%s: %v", v, err)
				continue
			}
			rows.Close()
		}
	})
}
