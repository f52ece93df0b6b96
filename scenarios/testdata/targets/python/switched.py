"""The mended shop with more of what shops have: baskets that change, and money that is
paid back where the carrier refuses the parcel. SHOP_DEFECT=name switches one of the
defects of ../defects.yaml on, and SHOP_TWIN=name the same change made right. With
neither it keeps its promises.
"""
import functools
import http.client
import json
import os
import random
import secrets
import sys
import threading
import time
from http.server import ThreadingHTTPServer

import partners
from journal import Journal
from web import Page

POLL_S, BACK_OFF_S, BACK_OFF_MOST_S = (float(os.environ[name]) for name in ("POLL_S", "BACK_OFF_S", "BACK_OFF_MOST_S"))
journal = Journal(os.path.join(os.environ["DATA"], "orders.jsonl"))
baskets = Journal(os.path.join(os.environ["DATA"], "baskets.jsonl"))

SWITCHES = (
    "capture-key-per-try", "state-missing-is-refused", "worker-dies-of-an-answer", "carrier-silent-is-refused",
    "failed-order-deleted", "token-expired-is-declined", "failed-capture-logged", "refund-sent-once", "basket-read-again",
    "submits-kept-in-memory", "token-kept-for-ever", "latest-submit-counts",
)
DEFECT, TWIN = os.environ.get("SHOP_DEFECT", ""), os.environ.get("SHOP_TWIN", "")
for name in (DEFECT, TWIN):
    if name and name not in SWITCHES:
        sys.exit(f'there is no switch "{name}": there are {", ".join(SWITCHES)}')


def defect(name):
    return DEFECT == name


def twin(name):
    return TWIN == name


def either(name):
    return defect(name) or twin(name)


def says_no(refused):
    """A 4xx says no, unless it says to come back."""
    return 400 <= refused.status < 500 and refused.status not in (401, 408, 409, 423, 425, 429)


def times(quantity):
    return {"value": partners.PRICE["value"] * quantity, "currency": partners.PRICE["currency"]}


def quantity_of(basket):
    return baskets.orders.get(basket, {"quantity": 1})["quantity"]


def amount_of(order):
    if defect("basket-read-again"):
        return times(quantity_of(order["basket"]))
    if twin("basket-read-again"):
        return times(order["quantity"])  # the order's own copy of the basket
    return order["amount"]


if either("token-kept-for-ever"):
    partners.log_in = functools.cache(partners.log_in)


# A step says where the order stands next, or None where it stands as before. It
# looks before it acts, so that it can be taken as often as need be.

def pay(order):
    try:
        payment = partners.look(order["reference"])
    except partners.Refused as refused:
        if refused.status != 404:
            raise
        return create(order)  # nothing of it got there
    if either("state-missing-is-refused"):
        state = payment.get("state")
        if state == "AUTHORIZED":
            return "capturing"
        known = isinstance(state, str) or defect("state-missing-is-refused")
        return "refused" if known and state != "CREATED" else None
    if payment["state"] in ("ABORTED", "EXPIRED", "TERMINATED"):
        return "refused"
    return "capturing" if payment["state"] == "AUTHORIZED" else None


def create(order):
    journal.write(order["id"], tried=True)
    try:
        partners.create(order["reference"], amount_of(order))
    except Exception as error:
        if defect("failed-order-deleted"):
            return "deleted"  # so that she can try again
        never = isinstance(error, partners.Refused) and says_no(error) and not order.get("tried")
        if twin("failed-order-deleted") and never:
            return "refused"
        raise
    return None


def capture(order):
    if either("capture-key-per-try"):
        key = f"capture-{secrets.token_hex(8)}" if defect("capture-key-per-try") else f"capture-{order['reference']}"
        try:
            partners.capture(order["reference"], amount_of(order), key)
        except partners.Refused as refused:
            if refused.status == 400:
                return "refused"  # there is nothing to take
            raise
        except (OSError, http.client.HTTPException):
            time.sleep(BACK_OFF_MOST_S * 3 / 4)  # the provider bears five captures a minute
            raise
        return "shipping"
    captured = partners.look(order["reference"])["aggregate"]["capturedAmount"]["value"]
    if captured == amount_of(order)["value"]:
        return "shipping"
    if captured == 0:
        try:
            partners.capture(order["reference"], amount_of(order))  # and look whether it is so
        except Exception as error:
            if either("failed-capture-logged"):
                print("capture:", error, flush=True)
            if defect("failed-capture-logged"):
                return "shipping"
            raise
    return None


def ship(order):
    """Books the parcel. A no counts where no earlier try may have got there."""
    journal.write(order["id"], asked=True)
    try:
        partners.ship(order["id"], order["basket"])
    except partners.Refused as refused:
        if says_no(refused) and not order.get("asked"):
            return "refunding"
        raise
    except (OSError, http.client.HTTPException):
        if defect("carrier-silent-is-refused"):
            return "refunding"
        if twin("carrier-silent-is-refused") and partners.parcels(order["id"]):
            return "shipped"
        raise
    return "shipped"


def refund(order):
    refunded = partners.look(order["reference"])["aggregate"]["refundedAmount"]["value"]
    if refunded == amount_of(order)["value"]:
        return "refunded"
    if refunded == 0:
        try:
            partners.refund(order["reference"], amount_of(order))
        except Exception:
            if not either("refund-sent-once"):
                raise
        if defect("refund-sent-once"):
            return "refunded"
    return None


STEPS = {"paying": pay, "capturing": capture, "shipping": ship, "refunding": refund}

# What an answer of a partner's may be: late, lost or a refusal; or anything at all.
TROUBLE = (Exception,)
if either("worker-dies-of-an-answer"):
    TROUBLE = (OSError, http.client.HTTPException, partners.Refused)
if twin("worker-dies-of-an-answer"):
    TROUBLE += (LookupError, TypeError, ValueError, AttributeError)


def is_known(order):
    return journal.orders.get(order["id"]) is order  # or it is forgotten, and there may be another of that name


def work(id):
    """Takes an order to its end. Nobody waits for it."""
    failures = 0
    order = journal.orders[id]
    while (step := STEPS.get(order["status"])) and is_known(order):
        try:
            following = step(dict(order))
        except TROUBLE as trouble:
            unauthorized = isinstance(trouble, partners.Refused) and trouble.status == 401
            if unauthorized and defect("token-expired-is-declined"):
                journal.write(id, status="refused")
                return
            if failures == 5 and (defect("token-kept-for-ever") or defect("latest-submit-counts")):
                print("given up:", id, trouble, flush=True)
                return
            if unauthorized and twin("token-kept-for-ever"):
                partners.log_in.cache_clear()
            if unauthorized and twin("token-expired-is-declined") and failures == 0:
                failures += 1
                continue  # at once: the next call gets a new token
            # Perhaps it happened, perhaps not: look again, later each time, and
            # not all orders at the same moment.
            pause = min(BACK_OFF_MOST_S, BACK_OFF_S * 2 ** failures)
            failures += 1
            time.sleep(pause * random.uniform(0.5, 1))
            continue
        failures = 0
        if not following:
            time.sleep(POLL_S)
        elif is_known(order):
            journal.write(id, status=following)


def in_background(id):
    threading.Thread(target=work, args=[id], daemon=True).start()


SAYS = {
    "shipped": "Your parcel is on its way.",
    "refunded": "We could not send your parcel, and have paid you back.",
    "refused": "The payment was refused. You were not charged.",
    "changed": "The basket has changed. Please look at it again.",
    "working": "We have your order, and are working on it.",
}


def view(id, status):
    """Says it twice, in a word for programs and in a sentence for people: a page
    that finds one of them missing has the other."""
    status = status if status in SAYS else "working"
    return {"id": id, "status": status, "says": SAYS[status]}


def order_of(basket):
    return f"{basket}-order"  # one basket, one order, however often its page is loaded


def is_there(id):
    return id in journal.orders and journal.orders[id]["status"] != "deleted"


taken = set()  # whose submits this life of the shop knows


def is_taken(id):
    return id in taken if either("submits-kept-in-memory") else is_there(id)


def take(id, basket):
    """Takes an order, once."""
    with journal.lock:
        if is_taken(id):
            return
        taken.add(id)
        quantity, reference = quantity_of(basket), id
        if either("failed-order-deleted") or either("submits-kept-in-memory"):
            reference += f"-{secrets.token_hex(4)}"  # the provider takes a reference once only
        journal.write(id, status="paying", basket=basket, quantity=quantity, amount=times(quantity), reference=reference)
    in_background(id)


def forget():
    """Is for tests, between one and the next: the shop stands as one that has just started."""
    with journal.lock:
        journal.forget()
        baskets.forget()
        taken.clear()
        if either("token-kept-for-ever"):
            partners.log_in.cache_clear()


class Shop(Page):
    def do_GET(self):
        _, what, id = self.path.split("/")
        if what == "cart":
            self.answer(200, {"order": order_of(id)} | times(quantity_of(id)))
        elif is_there(id):
            self.answer(200, view(id, journal.orders[id]["status"]))
        else:
            self.answer(404, {"says": "There is nothing here."})

    def do_POST(self):  # a shop that sells has no such page
        if self.path != "/test/reset":
            return self.answer(404, {"says": "There is nothing here."})
        forget()
        self.answer(200, {})

    def do_PUT(self):
        _, what, id = self.path.split("/")
        asked = json.loads(self.body())
        if what == "baskets":
            baskets.write(id, quantity=asked["quantity"])
            return self.answer(200, times(quantity_of(id)))
        shown = {"value": asked["amount"], "currency": asked["currency"]}
        as_shown = id == order_of(asked["basket"]) and shown == times(quantity_of(asked["basket"]))
        if not as_shown and not is_there(id):
            return self.answer(409, view(id, "changed"))
        if either("latest-submit-counts") and is_there(id) and shown != journal.orders[id]["amount"]:
            if twin("latest-submit-counts"):
                return self.answer(409, view(id, "changed"))
            if journal.orders[id]["status"] in ("paying", "capturing"):
                journal.write(id, amount=shown)  # she has changed her mind
        take(id, asked["basket"])
        self.answer(202, view(id, journal.orders[id]["status"]))


for id in list(journal.orders):
    if twin("submits-kept-in-memory") or journal.orders[id]["status"] in STEPS:
        taken.add(id)  # the others are done, and nobody sends them again
    in_background(id)  # what the last life has left
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
