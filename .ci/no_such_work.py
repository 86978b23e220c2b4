"""A look-up service that knows nothing: no_such_work.py PORT. Generated requests reach it instead of the real ones."""

import http.server
import sys


class Nobody(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"Resource not found."
        self.send_response(404)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Nobody).serve_forever()
