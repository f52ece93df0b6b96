"""The same worker, mended. What is different:

- Where an order stands is in the table after each step, and only there.
- A worker takes an order for one step and a limited time, in one statement: of two
  workers that want the same row, one gets it. When it is killed, the other one goes on.
- It knows by its number which orders it had in its last life, and frees them.
"""
import os
import time

import orders

LEASE_S = float(os.environ["LEASE_S"])
me = os.environ["WORKER"]
db = orders.database()
db.execute("UPDATE orders SET until = 0 WHERE owner = ?", [me])  # what the last life has left
print("working", flush=True)

DUE = f"status IN ({', '.join(repr(status) for status in orders.STEPS)}) AND until < ?"


def take(order, now):
    """Says whether the row is ours now."""
    return db.execute(f"UPDATE orders SET owner = ?, until = ? WHERE id = ? AND {DUE}", [me, now + LEASE_S, order["id"], now]).rowcount == 1


while True:
    for order in db.execute(f"SELECT * FROM orders WHERE {DUE}", [time.time()]).fetchall():
        if not take(order, time.time()):
            continue
        order = dict(db.execute("SELECT * FROM orders WHERE id = ?", [order["id"]]).fetchone())
        try:
            following, failures = orders.STEPS[order["status"]](order), 0
            wait = 0 if following else orders.POLL_S
        except Exception:
            following, failures, wait = None, order["failures"] + 1, orders.pause(order["failures"])
        db.execute("UPDATE orders SET status = ?, failures = ?, until = ? WHERE id = ? AND owner = ? AND status = ?",
                   [following or order["status"], failures, time.time() + wait, order["id"], me, order["status"]])
    time.sleep(orders.POLL_S / 4)
