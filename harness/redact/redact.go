package redact

// Mask stands where a secret stood.
const Mask = "•••"

// A Redactor takes out the secrets that it was told, and those that it recognises
// by name or shape. It may be used by several goroutines.
type Redactor struct {
	literals *literals // nil: it was told none
}

// New is a Redactor that is told these secrets. It ignores those of fewer than 8
// characters: they stand in harmless words.
func New(secrets ...string) *Redactor { return &Redactor{newLiterals(secrets)} }

// With is a Redactor that knows these secrets too.
func (r *Redactor) With(secrets ...string) *Redactor {
	if r.literals != nil {
		secrets = append(secrets[:len(secrets):len(secrets)], r.literals.secrets...)
	}
	return New(secrets...)
}

// Text is text of any kind without secrets: JSON, a form, a log line.
func (r *Redactor) Text(text string) string { return recognised(r.literals.redact(text)) }

// recognised redacts what is a secret by its name or shape.
func recognised(text string) string {
	// A mask may lay bare what stood beside it.
	for range maxRounds {
		redacted := recognisedOnce(text)
		if redacted == text {
			break
		}
		text = redacted
	}
	return text
}

const maxRounds = 8

func recognisedOnce(text string) string {
	if text == "" {
		return text
	}
	return redactNumbers(redactUserinfo(redactShapes(redactSchemes(redactNamed(redactForm(redactElements(redactParts(text))))))))
}
