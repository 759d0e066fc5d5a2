"""A collector of spans for tests: keeps the bodies of requests, a line each, and answers as it is told.

    collector.py FILE ANSWER...

ANSWER is a status, or `hang`; the last one is for all requests that follow. Prints its port.
"""
import http.server
import sys
import time

path, answers = sys.argv[1], sys.argv[2:]
seen = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global seen
        answer = answers[min(seen, len(answers) - 1)]
        seen += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if answer == "hang":
            time.sleep(600)
        if answer == "200" and self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json":
            with open(path, "ab") as file:
                file.write(body + b"\n")
        self.send_response(int(answer))
        if answer == "503":
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
