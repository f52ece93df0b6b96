"""A worker as it is often written first. It marks an order as taken, so that nobody takes
it a second time, and has it in memory from then on: where it is killed, the order stays
taken, and nobody works on it any more.
"""
import threading
import time

import orders


def work(order):
    db = orders.database()
    orders.work(order, lambda status: db.execute(
        "UPDATE orders SET status = ? WHERE id = ?", [status if status in orders.SAYS else "taken", order["id"]]))


db = orders.database()
print("working", flush=True)
while True:
    for order in db.execute("SELECT * FROM orders WHERE status = 'paying'").fetchall():
        db.execute("UPDATE orders SET status = 'taken' WHERE id = ?", [order["id"]])
        threading.Thread(target=work, args=[order], daemon=True).start()
    time.sleep(orders.POLL_S / 4)
