// Package providertest is one list of what every payment provider has to do here, whatever
// its API: which requests change its ledger, how often, and what it tells a shop of it. A
// provider's package says in a Subject how its API spells a purchase, and runs it.
//
// All is judged by what the provider tells as observe.Money, which is what promises are
// judged by. A refusal may be the answer, or come later by a webhook: the list only asks
// that the ledger has nothing of it.
package providertest
