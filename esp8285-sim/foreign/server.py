"""An HTTP server on loopback that gives one page, and takes its time.

    python server.py PAGE

Prints its port. ESP_ATcontrol looks for SEND OK for up to a second and throws away what it finds behind it; an answer
that comes later than that is safe, however busy this computer is.
"""

import http.server
import sys
import time

PAGE = open(sys.argv[1], "rb").read()


class Handler(http.server.BaseHTTPRequestHandler):
    """Gives /page; a client of HTTP/1.1 closes by itself."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # head and page leave in one piece

    def do_GET(self):
        time.sleep(1.5)
        found = self.path == "/page"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(PAGE) if found else 0))
        self.end_headers()
        if found:
            self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
