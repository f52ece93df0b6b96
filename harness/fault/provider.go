package fault

import "net/http"

// ExpireToken hits no message and no process: the payment provider deals it.
const ExpireToken Kind = "expire_token"

var providerFaults = []Spec{
	{
		Kind: ExpireToken, Does: "the provider forgets its access tokens, and refuses them with 401 until the shop authenticates again",
		Dealt: AtProvider, Proof: Proof{Answers: http.StatusUnauthorized}, Builder: "ExpiresToken",
		Tries: each(AToken, Early, 0, Fault{Kind: ExpireToken}), Rows: all(AToken, Fault{Kind: ExpireToken}),
	},
}
