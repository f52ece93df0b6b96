// Package redact takes secrets out of what was observed, before it is written
// anywhere. Mask stands where a secret stood.
//
// It recognises a secret in three ways:
//
//   - by its value: a Redactor is told which secrets there are, and finds each one
//     also where it is escaped for a URL or for JSON, or encoded in base64;
//   - by the name that stands before it, such as client_secret, apiKey or
//     CHECKOUT_DB_PASSWORD: in JSON, forms, queries, multipart forms, XML, header
//     lines and log lines, where such a text was cut off, and where one stands
//     within a string or a form's field of another;
//   - by its shape: JSON Web Tokens, keys and tokens with a known prefix (of Stripe,
//     AWS, GitHub, Slack), private keys in PEM, the user in a URL, numbers of payment
//     cards and of phones.
//
// Of a message's headers only those on a list keep their values, and those that a
// Redactor was told to keep. Whatever a value
// looks like, the fields by which orders are told apart (idempotency keys,
// references, baskets, order ids) lose only the secrets that a Redactor was told.
//
// Redacting a text twice gives what redacting it once gives. It takes time in
// proportion to the text's length, whatever the text is: texts from outside are
// hostile. It does not recognise a secret in a picture, nor one that is encrypted,
// compressed or hashed. Names, postal addresses and addresses of e-mail are no secrets here.
package redact
