package crm

import "context"

// sendMails sends the mails that are due. Where there is no Mailer it says, at most once an hour and
// process, how many wait for one.
func (m *Module) sendMails(ctx context.Context) (int, error) {
	sent, err := m.eachCompany(ctx, "crm_mail", func(ctx context.Context) (int, error) { return m.Mails.Send(ctx, 0) })
	if err != nil || m.Mails.Ready() {
		return sent, err
	}
	now, last := m.db.Now(), m.warned.Load()
	if last != nil && now.Sub(*last) < tidyEvery {
		return sent, nil
	}
	waiting, err := m.eachCompany(ctx, "crm_mail", m.Mails.Waiting)
	if err == nil && waiting > 0 && m.warned.CompareAndSwap(last, &now) {
		m.config.Log.Warn("mails wait, and there is nothing to send them with; set Config.Mailer", "waiting", waiting)
	}
	return sent, err
}
