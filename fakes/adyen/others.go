package adyen

import "strings"

// others are fields of the operations that are played, as the published document of
// Checkout 71 has them, that are not played themselves.
var others = strings.Fields(`
	accountInfo additionalAmount additionalData authenticationData bankAccount captureDelayHours
	capturePspReference company conversionId dccQuote deliverAt deliveryDate deviceFingerprint
	enableOneClick enablePayOut enableRecurring enhancedSchemeData entityType fraudOffset fundOrigin
	fundRecipient industryUsage installments localizedShopperStatement mandate mcc
	merchantOrderReference merchantRiskIndicator mpiData order orderReference paymentData
	paymentValidations platformChargebackLogic recurringExpiry recurringFrequency
	recurringProcessingModel redirectFromIssuerMethod redirectToIssuerMethod sessionValidity
	shopperConversionId shopperTaxInfo socialSecurityNumber splits store storePaymentMethod subMerchants
	surcharge threeDS2RequestData threeDSAuthenticationOnly trustedShopper
`)
