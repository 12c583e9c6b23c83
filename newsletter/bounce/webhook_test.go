package bounce_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/bounce"
)

// The bodies are written by the providers' descriptions of their calls.
const sesBounce = `{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"NoEmail","bouncedRecipients":[
{"emailAddress":"anna.kovacs@pelda.hu","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"},
{"emailAddress":"dana@example.co.il","action":"failed","status":"5.2.2","diagnosticCode":"smtp; 552 5.2.2 full"}]},
"mail":{"messageId":"0100018","source":"b-2n9c-lfls-abcdefgh@bounce.minta.hu","commonHeaders":{"messageId":"<2n9c.lfls@news.minta.hu>"}}}`

func TestWebhooks(t *testing.T) {
	tests := []struct {
		name, provider, body string
		want                 []string
	}{
		{"SES through SNS", "ses", `{"Type":"Notification","Message":` + strconv.Quote(strings.ReplaceAll(sesBounce, "\n", " ")) + `}`,
			[]string{"delivery | anna.kovacs@pelda.hu failed 5.1.1 550 hard | dana@example.co.il failed 5.2.2 552 hard"}},
		{"SES raw, transient", "ses", strings.Replace(strings.Replace(sesBounce, "Permanent", "Transient", 1), "NoEmail", "MailboxFull", 1),
			[]string{"delivery | anna.kovacs@pelda.hu failed 5.1.1 550 soft | dana@example.co.il failed 5.2.2 552 soft"}},
		{"SES complaint", "ses", `{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"anna.kovacs@pelda.hu"}]},"mail":{"messageId":"1"}}`,
			[]string{"complaint | anna.kovacs@pelda.hu   0 none"}},
		{"SES delivery", "ses", `{"notificationType":"Delivery","delivery":{"recipients":["anna.kovacs@pelda.hu"]},"mail":{"messageId":"1"}}`,
			[]string{"delivery | anna.kovacs@pelda.hu delivered  0 none"}},
		{"SendGrid, several", "sendgrid", `[{"email":"anna.kovacs@pelda.hu","event":"bounce","type":"bounce","status":"5.1.1","reason":"550 5.1.1 no such user","smtp-id":"<2n9c.lfls@news.minta.hu>"},
			{"email":"b@pelda.hu","event":"bounce","type":"blocked","reason":"550 5.1.1 blocked"},{"email":"c@pelda.hu","event":"open"},{"email":"d@pelda.hu","event":"spamreport"},
			{"email":"e@pelda.hu","event":"deferred","response":"451 later"}]`,
			[]string{"delivery | anna.kovacs@pelda.hu failed 5.1.1 550 hard", "delivery | b@pelda.hu failed 5.1.1 550 own", "complaint | d@pelda.hu   0 none", "delivery | e@pelda.hu delayed  451 temporary"}},
		{"Mailgun", "mailgun", `{"signature":{},"event-data":{"event":"failed","severity":"permanent","recipient":"anna.kovacs@pelda.hu","delivery-status":{"code":550,"message":"5.1.1 user unknown"},"message":{"headers":{"message-id":"2n9c.lfls@news.minta.hu"}}}}`,
			[]string{"delivery | anna.kovacs@pelda.hu failed 5.1.1 550 hard"}},
		{"Mailgun, temporary", "mailgun", `{"event-data":{"event":"failed","severity":"temporary","recipient":"anna.kovacs@pelda.hu","delivery-status":{"code":451}}}`,
			[]string{"delivery | anna.kovacs@pelda.hu delayed  451 temporary"}},
		{"Postmark", "postmark", `{"RecordType":"Bounce","Type":"HardBounce","Email":"anna.kovacs@pelda.hu","Details":"smtp;550 5.1.1 unknown"}`,
			[]string{"delivery | anna.kovacs@pelda.hu failed 5.1.1 550 hard"}},
		{"Postmark, out of office", "postmark", `{"RecordType":"Bounce","Type":"AutoResponder","Email":"anna.kovacs@pelda.hu"}`, nil},
		{"SparkPost", "sparkpost", `[{"msys":{"message_event":{"type":"bounce","bounce_class":"10","rcpt_to":"anna.kovacs@pelda.hu","error_code":"550","raw_reason":"550 5.1.1 unknown","msg_from":"b-2n9c-lfls-abcdefgh@bounce.minta.hu"}}},{"msys":{"track_event":{"type":"open"}}}]`,
			[]string{"delivery | anna.kovacs@pelda.hu failed 5.1.1 550 hard"}},
		{"Brevo", "brevo", `{"event":"hard_bounce","email":"anna.kovacs@pelda.hu","reason":"550 5.7.1 blocked","message-id":"<2n9c.lfls@news.minta.hu>"}`,
			[]string{"delivery | anna.kovacs@pelda.hu failed 5.7.1 550 own"}},
		{"Mailjet", "mailjet", `[{"event":"bounce","hard_bounce":true,"email":"anna.kovacs@pelda.hu","comment":"user unknown"}]`,
			[]string{"delivery | anna.kovacs@pelda.hu failed  0 hard"}},
		{"Mandrill", "mandrill", `[{"event":"soft_bounce","msg":{"email":"anna.kovacs@pelda.hu","diag":"smtp;552 5.2.2 full"}}]`,
			[]string{"delivery | anna.kovacs@pelda.hu failed 5.2.2 552 soft"}},
		{"another word", "brevo", `{"event":"something_new","email":"anna.kovacs@pelda.hu"}`, nil},
		{"another shape", "ses", `["a", 1, null, {"notificationType":{}}]`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reports, err := bounce.Providers[test.provider].Read([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range reports {
				got = append(got, told(r))
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
	reports, err := bounce.Providers["ses"].Read([]byte(sesBounce))
	if err != nil || len(reports) != 1 || reports[0].Reference.MessageIDs[0] != messageID || reports[0].Reference.Addresses[0] != returnPath {
		t.Errorf("the reference is %+v, %v", reports, err)
	}
	if _, err := bounce.Providers["ses"].Read([]byte("<html>")); !errors.Is(err, fault.Invalid) {
		t.Errorf("no JSON gives %v", err)
	}
}

func FuzzWebhook(f *testing.F) {
	f.Add(sesBounce)
	f.Add(`{"Message":"{\"notificationType\":\"Bounce\"}"}`)
	f.Add(`[{"email":"a@b.c","event":"bounce","status":"5.1.1"}]`)
	f.Add(`{"event-data":[[]]}`)
	f.Fuzz(func(t *testing.T, body string) {
		for name, w := range bounce.Providers {
			reports, err := w.Read([]byte(body))
			if err != nil && len(reports) > 0 {
				t.Errorf("%s gives reports and %v", name, err)
			}
			for _, r := range reports {
				if r.Kind == "" || len(r.Recipients) == 0 {
					t.Errorf("%s gives %+v", name, r)
				}
			}
		}
	})
}
