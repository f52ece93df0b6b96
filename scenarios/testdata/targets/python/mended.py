"""The same shop, mended. What is different:

- The order has its id before the customer clicks, and a click puts that order:
  however often the same one comes, it is one order. Another id is refused.
- What the shop is about to do is in the journal before it does it. A shop that
  was killed goes on where the journal ends.
- Each call has one key for good, and no answer is no answer: it says neither yes
  nor no. The shop looks, and asks again with the same key.
- The customer is answered at once, and can ask how her order stands.

Left out, for five minutes' sake: webhooks, refunds, and the goods in stock.
"""
import json
import os
import random
import threading
import time
from http.server import ThreadingHTTPServer

import partners
from journal import Journal
from web import Page

POLL_S, BACK_OFF_S, BACK_OFF_MOST_S = (float(os.environ[name]) for name in ("POLL_S", "BACK_OFF_S", "BACK_OFF_MOST_S"))
journal = Journal(os.path.join(os.environ["DATA"], "orders.jsonl"))


# A step says where the order stands next, or None where it stands as before. It
# looks before it acts, so that it can be taken as often as need be.

def pay(order):
    try:
        state = partners.look(order["id"])["state"]
    except partners.Refused as refused:
        if refused.status != 404:
            raise
        partners.create(order["id"])  # nothing of it got there
        return None
    if state in ("ABORTED", "EXPIRED", "TERMINATED"):
        return "refused"
    return "capturing" if state == "AUTHORIZED" else None


def capture(order):
    captured = partners.look(order["id"])["aggregate"]["capturedAmount"]["value"]
    if captured == partners.PRICE["value"]:
        return "shipping"
    if captured == 0:
        partners.capture(order["id"])  # and look whether it is so
    return None


def ship(order):
    partners.ship(order["id"], order["basket"])
    return "shipped"


STEPS = {"paying": pay, "capturing": capture, "shipping": ship}


def work(id):
    """Takes an order to its end. Nobody waits for it."""
    failures = 0
    while step := STEPS.get(journal.orders.get(id, {}).get("status")):  # or it is forgotten
        try:
            following = step(journal.orders[id])
        except Exception:
            # Perhaps it happened, perhaps not: look again, later each time, and
            # not all orders at the same moment.
            pause = min(BACK_OFF_MOST_S, BACK_OFF_S * 2 ** failures)
            failures += 1
            time.sleep(pause * random.uniform(0.5, 1))
            continue
        failures = 0
        if following:
            journal.write(id, status=following)
        else:
            time.sleep(POLL_S)


def in_background(id):
    threading.Thread(target=work, args=[id], daemon=True).start()


SAYS = {
    "shipped": "Your parcel is on its way.",
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


class Shop(Page):
    def do_GET(self):
        _, what, id = self.path.split("/")
        if what == "cart":
            self.answer(200, {"order": order_of(id)} | partners.PRICE)
        elif id in journal.orders:
            self.answer(200, view(id, journal.orders[id]["status"]))
        else:
            self.answer(404, {"says": "There is nothing here."})

    def do_POST(self):  # a shop that sells has no such page
        if self.path == "/test/reset":
            journal.forget()
            self.answer(200, {})
        else:
            self.answer(404, {"says": "There is nothing here."})

    def do_PUT(self):
        _, what, id = self.path.split("/")
        asked = json.loads(self.body())
        if (id, asked["amount"], asked["currency"]) != (order_of(asked["basket"]), *partners.PRICE.values()):
            return self.answer(409, view(id, "changed"))
        if journal.add(id, status="paying", basket=asked["basket"]):
            in_background(id)
        self.answer(202, view(id, journal.orders[id]["status"]))


for id in list(journal.orders):
    in_background(id)  # what the last life has left
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
