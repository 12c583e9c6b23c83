package lead_test

import (
	"errors"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

// A file waits in the database for its import: for whoever brought it alone, his last one, and not for ever.
func TestUploadWaitsForItsImport(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		leads := newWorld(t, env, erpbridge.Host{}).leads
		gabor, kati := env.As("gabor", actor.Manager, actor.All), env.As("kati", actor.Manager, actor.All)
		content := []byte("Név;E-mail\r\nŐrsi Zsófia;zsofi@tuzliliom.hu\r\n")
		kept, err := leads.KeepUpload(gabor, "vásár.csv", content)
		if err != nil {
			t.Fatal(err)
		}
		got, err := leads.Upload(gabor, kept.ID)
		if err != nil || got.Name != "vásár.csv" || string(got.Content) != string(content) || got.Hash != kept.Hash || got.Hash == "" {
			t.Fatalf("kept %+v, %v", got, err)
		}
		preview, err := leads.Preview(gabor, got.Source(), lead.PreviewOptions{})
		if err != nil || len(preview.Rows) == 0 {
			t.Errorf("its preview has %d rows, %v", len(preview.Rows), err)
		}
		if _, err := leads.Upload(kati, kept.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("a colleague gets it: %v", err)
		}
		if _, err := leads.KeepUpload(env.As("anna", actor.Reader, actor.All), "x.csv", content); !errors.Is(err, fault.Forbidden) {
			t.Errorf("whoever may not import keeps a file: %v", err)
		}
		if _, err := leads.KeepUpload(gabor, "nagy.csv", make([]byte, lead.MaxUpload+1)); !errors.Is(err, fault.Limit) {
			t.Errorf("a file of any size is kept: %v", err)
		}
		second, err := leads.KeepUpload(gabor, "másik.csv", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leads.Upload(gabor, kept.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("his earlier file is still there: %v", err)
		}
		env.Clock.Advance(lead.KeepUploads + time.Minute)
		if _, err := leads.Upload(gabor, second.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("it waits for ever: %v", err)
		}
		if _, err := leads.ForgetUploads(gabor); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a user forgets them: %v", err)
		}
		if n, err := leads.ForgetUploads(env.System()); err != nil || n != 1 {
			t.Errorf("%d were forgotten, %v", n, err)
		}
	})
}
