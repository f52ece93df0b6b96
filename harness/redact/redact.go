package redact

// Mask stands where a secret stood.
const Mask = "•••"

// A Redactor takes out the secrets that it was told, and those that it recognises
// by name or shape. It may be used by several goroutines.
type Redactor struct {
	literals *literals // nil: it was told none
	headers  []string
}

// New is a Redactor that is told these secrets. It ignores those of fewer than 8
// characters: they stand in harmless words.
func New(secrets ...string) *Redactor { return &Redactor{literals: newLiterals(secrets)} }

// With is a Redactor that knows these secrets too.
func (r *Redactor) With(secrets ...string) *Redactor {
	if r.literals != nil {
		secrets = append(secrets[:len(secrets):len(secrets)], r.literals.secrets...)
	}
	return &Redactor{newLiterals(secrets), r.headers}
}

// Keeping is a Redactor that redacts the values of these headers, by their canonical
// names, as texts: otherwise nothing is left of them. Anyone who knows an API says which
// of its headers hold no secret.
func (r *Redactor) Keeping(headers ...string) *Redactor {
	return &Redactor{r.literals, append(r.headers[:len(r.headers):len(r.headers)], headers...)}
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
	return redactNumbers(redactUserinfo(redactShapes(redactSchemes(redactNamed(redactForm(redactElements(redactParts(redactKeys(text)))))))))
}
