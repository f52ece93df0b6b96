"""What the shop must not forget, one line of JSON for each thing that it decided.

A line is on the disk before the shop acts on it, so a process that reads the journal
after a crash knows at least as much as the one who crashed.
"""
import json
import os
import threading


class Journal:
    def __init__(self, path):
        self.lock = threading.RLock()
        self.orders = {}  # id → what is known of it
        self.file = open(path, "a+b")
        self.file.seek(0)
        text = self.file.read()
        whole = text.rfind(b"\n") + 1  # a line that a crash cut off was never acted on
        self.file.truncate(whole)
        for line in text[:whole].splitlines():
            self._remember(json.loads(line))

    def write(self, order, **change):
        """Returns when the change survives a crash."""
        with self.lock:
            self.file.write(json.dumps({"id": order, **change}).encode() + b"\n")
            self.file.flush()
            os.fsync(self.file.fileno())
            self._remember({"id": order, **change})

    def add(self, order, **what):
        """Writes a new order down. It says no where the order is there already."""
        with self.lock:
            if order in self.orders:
                return False
            self.write(order, **what)
            return True

    def forget(self):
        """Is for tests, between one and the next."""
        with self.lock:
            self.file.truncate(0)
            self.orders.clear()

    def _remember(self, line):
        self.orders.setdefault(line["id"], {}).update(line)
