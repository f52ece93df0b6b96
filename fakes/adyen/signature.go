package adyen

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// item is one thing that happened, as a webhook tells it.
type item struct {
	psp, original, reference string // original: of the payment that a modification is of
	code, reason, method     string
	amount                   money
	success                  bool
	at                       time.Time
}

// notification is the body of a webhook.
type notification struct {
	Live  string    `json:"live"`
	Items []wrapped `json:"notificationItems"`
}

type wrapped struct {
	Item itemJSON `json:"NotificationRequestItem"`
}

type itemJSON struct {
	AdditionalData map[string]string `json:"additionalData,omitempty"`
	Amount         money             `json:"amount"`
	Code           string            `json:"eventCode"`
	Date           string            `json:"eventDate"`
	Account        string            `json:"merchantAccountCode"`
	Reference      string            `json:"merchantReference"`
	Original       string            `json:"originalReference,omitempty"`
	Method         string            `json:"paymentMethod,omitempty"`
	PSP            string            `json:"pspReference"`
	Reason         string            `json:"reason"`
	Success        string            `json:"success"`
}

const signatureField = "hmacSignature"

// body is the body of a webhook, without a signature.
func (i item) body(account string) []byte {
	body, err := json.Marshal(notification{"false", []wrapped{{itemJSON{
		Amount: i.amount, Code: i.code, Date: i.at.UTC().Format(time.RFC3339), Account: account, Reference: i.reference, Original: i.original,
		Method: i.method, PSP: i.psp, Reason: i.reason, Success: strconv.FormatBool(i.success),
	}}}})
	if err != nil {
		panic(fmt.Sprintf("adyen: a webhook's body: %v", err)) // only plain fields
	}
	return body
}

// signed is the body of a webhook with its signature in it.
func (i item) signed(account, hexKey string) []byte {
	body, err := sign(i.body(account), keyOf(hexKey))
	if err != nil {
		panic(fmt.Sprintf("adyen: a webhook's body: %v", err)) // it was just made
	}
	return body
}

// sign is the body of a webhook with a signature in each item, as "Verify HMAC
// signatures" describes it: additionalData.hmacSignature is the HMAC-SHA256, in Base64, of
// pspReference, originalReference, merchantAccountCode, merchantReference, amount.value,
// amount.currency, eventCode and success with colons between. No time is signed: a webhook
// is as good tomorrow as today.
func sign(body, key []byte) ([]byte, error) {
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return nil, err
	}
	for i := range n.Items {
		it := &n.Items[i].Item
		if it.AdditionalData == nil {
			it.AdditionalData = map[string]string{}
		}
		it.AdditionalData[signatureField] = signature(*it, key)
	}
	return json.Marshal(n)
}

// keyOf is a key as webhooks are signed with it: hexadecimal text, or else the text itself.
func keyOf(text string) []byte {
	if key, err := hex.DecodeString(text); err == nil {
		return key
	}
	return []byte(text)
}

// Verify says what is wrong with the signatures of a webhook.
func Verify(body []byte, hexKey string) error {
	var n notification
	if err := json.Unmarshal(body, &n); err != nil || len(n.Items) == 0 {
		return errors.New("the body has no notification items")
	}
	for _, one := range n.Items {
		if !hmac.Equal([]byte(signature(one.Item, keyOf(hexKey))), []byte(one.Item.AdditionalData[signatureField])) {
			return errors.New("the signature is not the provider's")
		}
	}
	return nil
}

func signature(i itemJSON, key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.Join([]string{
		i.PSP, i.Original, i.Account, i.Reference, strconv.FormatInt(i.Amount.Value, 10), i.Amount.Currency, i.Code, i.Success,
	}, ":")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
