"""Services that nobody would wish to test. Each is one that somebody will bring.

The first argument says how it misbehaves; what its name does not say is said in
its function.
"""
import os
import signal
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shop(BaseHTTPRequestHandler):
    """Shows a basket, and then never answers anything."""

    def do_GET(self):
        text = b'{"amount": 49900, "currency": "NOK"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        time.sleep(3600)

    def log_message(self, *_):
        pass


def hangs():
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()


def listen():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(os.environ["PORT"])))
    listener.listen(100)
    return listener


def never_ready():
    print("I am thinking", flush=True)
    time.sleep(3600)


def exits():
    sys.exit("no database at db.internal:5432")


def floods():
    """Prints 100 MB, half of it in a line without an end, and listens nowhere."""
    for _ in range(50):
        os.write(1, (b"0123456789abcde" * 64 + b"\n") * 1024)
    for _ in range(50):
        os.write(2, b"x" * (1 << 20))
    sys.exit("\nthat was all")


def garbage():
    listener = listen()
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"220 mail.example ESMTP\r\n")
        connection.close()


def leaks():
    """Takes every connection, and neither answers nor closes one."""
    listener, kept = listen(), []
    while True:
        kept.append(listener.accept())


def ignores_sigterm():
    for s in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
        signal.signal(s, signal.SIG_IGN)
    hangs()


def forks():
    """Has a child, a daemon in a session of its own, and a daemon's orphan."""
    again = [sys.executable, "-B", __file__, "never_ready"]
    subprocess.Popen(again)
    subprocess.Popen(again, start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(again[0], again)
        os._exit(0)
    hangs()


globals()[sys.argv[1]]()
