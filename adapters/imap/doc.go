// Package imap reads the mailbox to which bounces and complaints come back (IMAP4rev1, RFC 3501, and rev2, RFC
// 9051), and hands each mail on as it is:
//
//	mailbox, err := imap.New(imap.Config{Address: "imap.example.com:993", Username: "returns", Password: secret, MoveTo: "Done"})
//	err = mailbox.Run(ctx, func(ctx context.Context, m imap.Mail) error { return take(ctx, bounce.Parse(m.Raw)) })
//
// A mail is handed on at least once, in the order of arrival: it is marked as read, or moved, only after the
// function has returned without an error. A program that dies in between hands it on again, so that the
// function must take the same report twice without harm. A connection that is cut is opened anew, and the
// reading goes on where it was.
package imap
