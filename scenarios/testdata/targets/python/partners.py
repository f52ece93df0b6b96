"""The calls to the payment provider and to the carrier that a purchase needs.

Both shops here make the same ones; they differ in when, and in what they take
an answer for.
"""
import http.client
import json
import os
import urllib.parse

env = os.environ
PRICE = {"value": 49900, "currency": "NOK"}


class Refused(Exception):
    def __init__(self, status):
        super().__init__(f"it was answered with status {status}")
        self.status = status


def send(method, url, headers, body=None):
    """The status and the JSON of the answer; raises where there is no whole one."""
    at = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=float(env["TIMEOUT_S"]))
    try:
        text = json.dumps(body) if body else None
        path = at.path + (f"?{at.query}" if at.query else "")
        connection.request(method, path, text, headers | ({"Content-Type": "application/json"} if body else {}))
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


ACCOUNT = {
    "Ocp-Apim-Subscription-Key": env["PAYMENTS_SUBSCRIPTION_KEY"],
    "Merchant-Serial-Number": env["PAYMENTS_MERCHANT"],
}
token = None  # good for many calls


def log_in():
    status, body = send("POST", env["PAYMENTS_URL"] + "/accesstoken/get", ACCOUNT | {
        "client_id": env["PAYMENTS_CLIENT_ID"], "client_secret": env["PAYMENTS_CLIENT_SECRET"],
    })
    if status != 200:
        raise Refused(status)
    return body["access_token"]


def provider(method, path, key=None, body=None):
    global token
    token = token or log_in()
    headers = ACCOUNT | {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
    status, answer = send(method, env["PAYMENTS_URL"] + "/epayment/v1/payments" + path, headers, body)
    if status == 401:
        token = None  # it ran out: the next call gets a new one
    if status >= 300:
        raise Refused(status)
    return answer


def create(reference, amount=PRICE):
    provider("POST", "", f"create-{reference}", {
        "amount": amount, "reference": reference, "paymentMethod": {"type": "WALLET"},
        "userFlow": "WEB_REDIRECT", "returnUrl": env["PUBLIC_URL"] + "/done", "paymentDescription": "One parcel",
    })


def look(reference):
    return provider("GET", f"/{reference}")


def capture(reference, amount=PRICE, key=None):
    provider("POST", f"/{reference}/capture", key or f"capture-{reference}", {"modificationAmount": amount})


def refund(reference, amount=PRICE):
    provider("POST", f"/{reference}/refund", f"refund-{reference}", {"modificationAmount": amount})


def ship(order, basket):
    status, _ = send("POST", env["SHIPPING_URL"] + "/shipments", {"Idempotency-Key": f"ship-{order}"},
                     {"reference": order, "basket": basket})
    if status != 201:
        raise Refused(status)


def parcels(order):
    """Those that the carrier has of an order."""
    status, answer = send("GET", env["SHIPPING_URL"] + "/shipments?" + urllib.parse.urlencode({"reference": order}), {})
    if status != 200:
        raise Refused(status)
    return [parcel for parcel in answer["shipments"] if parcel["state"] != "cancelled"]
