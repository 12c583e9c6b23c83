// Package message turns a newsletter into the mail of one reader after the other, fast: what all of them
// get alike is encoded once.
//
//	template, err := message.Compile(message.Draft{From: sender, Subject: subject, Text: text, HTML: html, ...})
//	envelope, err := template.Compose(buffer[:0], message.Recipient{Name: "Szabó Éva", Address: "eva@example.hu", ...})
//	envelope.From = returnPath
//	err = conn.Send(ctx, envelope, func(err error) { ... })
//
// A value goes this way: [Compile] encodes each literal of the merge.Programs as quoted-printable, files as
// base64, and the headers that do not change; a [Template] then costs a reader a copy of these, the encoding
// of his own values, and his signatures. Between what is fixed and what is the reader's own stands a soft
// line break, so that no line has to be counted again. A [Transport] carries the result to a mail server;
// adapters/smtp has one.
//
// The result follows RFC 5322 (form, lines), 2045 to 2047 and 2231 (encodings), 6376 and 8463 (signatures),
// 2369, 2919 and 8058 (lists), and is ASCII unless an address itself is not (RFC 6532).
package message
