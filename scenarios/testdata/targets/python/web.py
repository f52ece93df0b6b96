"""What both shops need of HTTP."""
import json
from http.server import BaseHTTPRequestHandler


class Page(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True  # or the body of an answer waits for the head's receipt
    answered = False

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, body):
        """Answers, unless this request has its answer."""
        if self.answered:
            return
        self.answered = True
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass
