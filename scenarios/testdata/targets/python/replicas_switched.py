"""A shop of which two copies run on one database. The table has one row for an order, so
of two replicas that get the same submit, one takes it. SHOP_DEFECT=submits-known-to-one-replica
takes it as a shop of one process often does: which submits came is in memory, behind a lock,
and read from the table at the start. SHOP_TWIN has that, too, and lets the table decide.
"""
import json
import os
import secrets
import sys
import threading
from http.server import ThreadingHTTPServer

import orders
import partners
from web import Page

me = os.environ["REPLICA"]
DEFECT, TWIN = os.environ.get("SHOP_DEFECT", ""), os.environ.get("SHOP_TWIN", "")
for name in (DEFECT, TWIN):
    if name not in ("", "submits-known-to-one-replica"):
        sys.exit(f'there is no switch "{name}": there is submits-known-to-one-replica')
in_memory = "submits-known-to-one-replica" in (DEFECT, TWIN)
one_row = "" if DEFECT else "PRIMARY KEY"
orders.database().execute(f"CREATE TABLE IF NOT EXISTS orders (reference TEXT, id TEXT {one_row}, basket TEXT, status TEXT, replica TEXT)")
lock = threading.Lock()
taken = {row["id"] for row in orders.database().execute("SELECT id FROM orders")}


def work(order):
    db = orders.database()
    orders.work(order, lambda status: db.execute("UPDATE orders SET status = ? WHERE reference = ?", [status, order["reference"]]))


def in_background(order):
    threading.Thread(target=work, args=[order], daemon=True).start()


def take(id, basket):
    """Takes an order, once."""
    with lock:
        if in_memory and id in taken:
            return
        taken.add(id)
    order = {"reference": f"{id}-{secrets.token_hex(4)}", "id": id, "basket": basket, "status": "paying", "replica": me}
    written = orders.database().execute("INSERT OR IGNORE INTO orders VALUES (:reference, :id, :basket, :status, :replica)", order)
    if written.rowcount == 1:
        in_background(order)


class Shop(Page):
    def do_GET(self):
        _, what, id = self.path.split("/")
        if what == "cart":
            return self.answer(200, {"order": orders.order_of(id)} | partners.PRICE)
        found = orders.database().execute("SELECT status FROM orders WHERE id = ?", [id]).fetchone()
        self.answer(200, orders.view(id, found["status"])) if found else self.answer(404, {"says": "There is nothing here."})

    def do_PUT(self):
        _, what, id = self.path.split("/")
        asked = json.loads(self.body())
        if (id, asked["amount"], asked["currency"]) != (orders.order_of(asked["basket"]), *partners.PRICE.values()):
            return self.answer(409, orders.view(id, "changed"))
        take(id, asked["basket"])
        found = orders.database().execute("SELECT status FROM orders WHERE id = ?", [id]).fetchone()
        self.answer(202, orders.view(id, found["status"]))


for order in orders.database().execute("SELECT * FROM orders WHERE replica = ?", [me]).fetchall():
    in_background(order)  # what the last life has left
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
