// Creates one payment on a connection that was used before, and prints what its caller heard.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v82"
	"github.com/stripe/stripe-go/v82/client"
)

func main() {
	config := &stripe.BackendConfig{URL: stripe.String(os.Getenv("FAKE")), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}}
	if ms, err := strconv.Atoi(os.Getenv("TIMEOUT_MS")); err == nil {
		config.HTTPClient = &http.Client{Timeout: time.Duration(ms) * time.Millisecond}
	}
	api := client.New(os.Getenv("SECRET_KEY"), &stripe.Backends{API: stripe.GetBackendWithConfig(stripe.APIBackend, config)})
	warm := api.Customers.List(&stripe.CustomerListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(1)}})
	for warm.Next() {
	}
	said := map[string]any{"version": stripe.ClientVersion, "heard": "a payment"}
	payment, err := api.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: stripe.Int64(49900), Currency: stripe.String("nok")})
	var refused *stripe.Error
	switch {
	case errors.As(err, &refused):
		said["heard"], said["status"] = "*stripe.Error", refused.HTTPStatusCode
		if refused.Type != "" {
			said["heard"] = "*stripe.Error " + string(refused.Type)
		}
	case err != nil:
		said["heard"] = fmt.Sprintf("%T", err)
	case payment.ID == "":
		said["heard"] = "success without a payment"
	}
	_ = json.NewEncoder(os.Stdout).Encode(said)
}
