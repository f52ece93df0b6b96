"""A shop as it is often written first.

Its happy path works: it takes the money and sends the parcel while the customer
waits. It writes nothing down, and takes every request for a new one: three ways
to make a customer unhappy.
"""
import os
import secrets
import time
from http.server import ThreadingHTTPServer

import partners
from web import Page

POLL_S = float(os.environ["POLL_S"])
slow, shipped = set(), set()


class Shop(Page):
    def do_GET(self):
        _, what, basket = self.path.split("/")
        self.answer(200, {"order": f"{basket}-order"} | partners.PRICE)

    def do_POST(self):
        _, what, basket, button = self.path.split("/")
        self.body()  # it says nothing that we need
        try:
            self.buy(basket, f"{basket}-order")
        except Exception as error:
            self.answer(500, {"error": str(error)})

    def buy(self, basket, order):
        """Charges and ships. Where the customer takes long to approve the payment
        in her app, it answers once that this may take a while, and goes on."""
        reference = f"{order}-{secrets.token_hex(4)}"  # a new payment for each request
        partners.create(reference)
        looks = 1
        while partners.look(reference)["state"] != "AUTHORIZED":
            if looks == 5 and order not in slow:
                slow.add(order)
                self.answer(202, {"status": "pending"})
            looks += 1
            time.sleep(POLL_S)
        partners.capture(reference)
        if order not in shipped:  # the order is checked for, the payment was not
            shipped.add(order)
            partners.ship(order, basket)
        self.answer(200, {"status": "shipped"})


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
