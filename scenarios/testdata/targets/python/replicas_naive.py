"""A shop that is correct as one process. Which submits it took is in memory, behind a lock,
and read from the table at the start: so a submit that comes again finds the first one. Of
two such processes, each knows its own only.
"""
import json
import os
import secrets
import threading
from http.server import ThreadingHTTPServer

import orders
import partners
from web import Page

me = os.environ["REPLICA"]
orders.database().execute("CREATE TABLE IF NOT EXISTS orders (reference TEXT PRIMARY KEY, id TEXT, basket TEXT, status TEXT, replica TEXT)")
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
        if id in taken:
            return
        taken.add(id)
        order = {"reference": f"{id}-{secrets.token_hex(4)}", "id": id, "basket": basket, "status": "paying", "replica": me}
        orders.database().execute("INSERT INTO orders VALUES (:reference, :id, :basket, :status, :replica)", order)
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
