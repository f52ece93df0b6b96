# Creates one payment on a connection that was used before, and prints what its caller heard.
import json
import os

import stripe

stripe.api_key, stripe.api_base = os.environ["SECRET_KEY"], os.environ["FAKE"]
if "TIMEOUT_MS" in os.environ:
    stripe.default_http_client = stripe.http_client.RequestsClient(timeout=int(os.environ["TIMEOUT_MS"]) / 1000)
stripe.Customer.list(limit=1)
said = {"version": stripe.version.VERSION}
try:
    payment = stripe.PaymentIntent.create(amount=49900, currency="nok")
    said["heard"] = "a payment" if payment.get("id") else "success without a payment"
except Exception as error:
    said["heard"], said["status"] = type(error).__name__, getattr(error, "http_status", None) or 0
print(json.dumps(said))
