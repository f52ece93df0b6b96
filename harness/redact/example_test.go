package redact_test

import (
	"fmt"

	"github.com/unhappypath/unhappypath/harness/redact"
)

func Example() {
	r := redact.New("sw0rdfish/7")
	fmt.Println(r.Text(`{"client_secret":"x1y2","log":"{\"token\":\"z\"}","orderId":"b-ana-1"}`))
	fmt.Println(r.Text("GET /a?pass=sw0rdfish%2F7 for postgres://shop:pa/ss@db/shop"))
	fmt.Println(r.Text("paid 499 kr with 4111 1111 1111 1111"))
	// Output:
	// {"client_secret":"•••","log":"{\"token\":\"•••\"}","orderId":"b-ana-1"}
	// GET /a?pass=••• for postgres://•••@db/shop
	// paid 499 kr with •••
}
