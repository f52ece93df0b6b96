"""The table of orders of the shops that have several processes, and the steps that take
an order to its end.

A step says where the order stands next, or None where it stands as before. It looks
before it acts, and each call has one key for good, so that it can be taken as often as
need be, by whichever process.
"""
import os
import random
import sqlite3
import time

import partners

POLL_S, BACK_OFF_S, BACK_OFF_MOST_S = (float(os.environ[name]) for name in ("POLL_S", "BACK_OFF_S", "BACK_OFF_MOST_S"))


def database():
    """A connection for one thread. What was written survives a kill of the process."""
    db = sqlite3.connect(os.path.join(os.environ["DATA"], "orders.db"), timeout=10, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    return db


def order_of(basket):
    return f"{basket}-order"  # one basket, one order, however often its page is loaded


def pay(order):
    try:
        state = partners.look(order["reference"])["state"]
    except partners.Refused as refused:
        if refused.status != 404:
            raise
        partners.create(order["reference"])  # nothing of it got there
        return None
    if state in ("ABORTED", "EXPIRED", "TERMINATED"):
        return "refused"
    return "capturing" if state == "AUTHORIZED" else None


def capture(order):
    captured = partners.look(order["reference"])["aggregate"]["capturedAmount"]["value"]
    if captured == partners.PRICE["value"]:
        return "shipping"
    if captured == 0:
        partners.capture(order["reference"])  # and look whether it is so
    return None


def ship(order):
    partners.ship(order["id"], order["basket"])
    return "shipped"


STEPS = {"paying": pay, "capturing": capture, "shipping": ship}


def pause(failures):
    """After a failure: perhaps it happened, perhaps not. Look again, later each time."""
    return min(BACK_OFF_MOST_S, BACK_OFF_S * 2 ** failures) * random.uniform(0.5, 1)


def work(order, write):
    """Takes an order to its end, and writes down each status before the next step."""
    order, failures = dict(order), 0
    while step := STEPS.get(order["status"]):
        try:
            following = step(order)
        except Exception:
            time.sleep(pause(failures))
            failures += 1
            continue
        failures = 0
        if following:
            order["status"] = following
            write(following)
        else:
            time.sleep(POLL_S)


SAYS = {
    "shipped": "Your parcel is on its way.",
    "refused": "The payment was refused. You were not charged.",
    "changed": "The basket has changed. Please look at it again.",
    "working": "We have your order, and are working on it.",
}


def view(id, status):
    """Says it twice, in a word for programs and in a sentence for people."""
    status = status if status in SAYS else "working"
    return {"id": id, "status": status, "says": SAYS[status]}
