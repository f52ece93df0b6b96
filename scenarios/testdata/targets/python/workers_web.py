"""The web process of the shop with a worker: it writes orders down and says how they
stand. All else is the worker's.
"""
import json
import os
from http.server import ThreadingHTTPServer

import orders
import partners
from web import Page

orders.database().execute("""CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, reference TEXT, basket TEXT, status TEXT,
    owner TEXT DEFAULT '', until REAL DEFAULT 0, failures INTEGER DEFAULT 0)""")


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
        db = orders.database()
        db.execute("INSERT OR IGNORE INTO orders (id, reference, basket, status) VALUES (?, ?, ?, 'paying')", [id, id, asked["basket"]])
        self.answer(202, orders.view(id, db.execute("SELECT status FROM orders WHERE id = ?", [id]).fetchone()["status"]))


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
