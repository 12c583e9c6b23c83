package main

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/regulation"
)

// regulationWords name what may take how long, in the company's language.
var regulationWords = map[locale.Language][]string{
	locale.Hungarian: {"Válasz a megkeresésre két munkanapon belül", "Első lépés öt munkanapon belül", "Lezárás huszonkét munkanapon belül", "Számla a rendeléstől két munkanapon belül"},
	locale.Greek:     {"Απάντηση σε αίτημα σε δύο εργάσιμες", "Πρώτο βήμα σε πέντε εργάσιμες", "Κλείσιμο σε είκοσι δύο εργάσιμες", "Τιμολόγιο σε δύο εργάσιμες από την παραγγελία"},
	locale.Hebrew:    {"מענה לפנייה בתוך יומיים", "צעד ראשון בתוך חמישה ימי עבודה", "סגירה בתוך עשרים ושניים ימי עבודה", "חשבונית בתוך יומיים מההזמנה"},
}

// regulations say at the beginning of the seeded year how long one step may take to follow another.
func (sc *scene) regulations(ctx context.Context) error {
	admin := actor.With(ctx, actor.User{Company: sc.company, ID: "admin-" + strings.ToLower(sc.company[:2]), Rights: actor.Admin, See: actor.All}.Actor())
	names := regulationWords[sc.language]
	if names == nil {
		names = regulationWords[locale.Hungarian]
	}
	_, err := sc.module.Regulations.Publish(admin, 0, regulation.Plan{Regulations: []regulation.Regulation{
		{Name: names[0], From: regulation.Moment{Step: regulation.Captured}, To: regulation.Moment{Step: regulation.Answered}, Days: 2, Remind: 240},
		{Name: names[1], From: regulation.Moment{Step: regulation.Opened}, To: regulation.Moment{Step: regulation.Entered, Stage: sc.stages[1].ID}, Days: 5, Remind: 240},
		{Name: names[2], From: regulation.Moment{Step: regulation.Opened}, To: regulation.Moment{Step: regulation.Won}, Days: 22},
		{Name: names[3], From: regulation.Moment{Step: regulation.Ordered}, To: regulation.Moment{Step: regulation.Invoiced}, Days: 2},
	}})
	return err
}
