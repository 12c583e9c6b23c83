// Package sms is about text messages: what they cost, what they may say, and who carries them.
//
// A personalised text is measured ([Measure]): in the alphabet of GSM 03.38 (3GPP TS 23.038) a message has
// 160 characters, and 153 in each part where it needs several; one character beyond that alphabet makes all of
// it UCS-2, with 70 and 67. [Weigh] shows what other letters would save (á í ó ő ú ű are beyond, é ö ü are not;
// Greek goes as the capitals that the alphabet has; Hebrew and Cyrillic have to be UCS-2), and a [Tariff] what
// it costs, before anything is sent ([Estimate]). [Rules] are what countries ask: the word for advertisement
// in front, who writes, how to end it, and hours of quiet. [ReadAnswer] finds STOP and its like in what
// readers send back.
//
// [Gateway] is the port to whoever carries messages; adapters/sms is one for most HTTP gateways. Vendors run
// testutil/smstest against their own.
package sms
