"""Between the controller and its Prometheus: hands on what is asked and answered, or fails as told."""

import http.client
import http.server
import json
import threading
import time

from stage import SYSTEM

PROMETHEUS = f"/api/v1/namespaces/{SYSTEM}/services/http:chatflow-prometheus:9090/proxy"
SLOW_SECONDS = 30
STALE_SECONDS = 3600  # older than any policy here takes
EMPTY = b'{"status":"success","data":{"resultType":"vector","result":[]}}'


class Proxy:
    def __init__(self, kube):
        self.kube = kube
        self.fault = None
        self.asked = 0
        self.port = self._serve()

    def answer(self, method, path, headers, body):
        """Status and body; nothing where no answer comes."""
        self.asked += 1
        if self.fault == "closed":
            return None
        if self.fault == "slow":
            time.sleep(SLOW_SECONDS)
        if self.fault == "503 every second query" and self.asked % 2:
            return 503, b"overloaded"
        if self.fault == "empty":
            return 200, EMPTY
        try:
            status, text = self._ask(method, path, headers, body)
        except (OSError, http.client.HTTPException):
            return None
        return status, changed(self.fault, text) if status == 200 else text

    def _ask(self, method, path, headers, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.kube._port, timeout=25)
        kind = headers.get("Content-Type")
        connection.request(method, PROMETHEUS + path, body, {"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def _serve(self):
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = proxy.answer(self.command, self.path, self.headers, body)
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer[0])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer[1])))
                self.end_headers()
                self.wfile.write(answer[1])

            do_GET = do_POST = handle_one

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
        server.handle_error = lambda *_: None  # the controller waited no longer: that is the test
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]


def changed(fault, text):
    """The answer of the usage query with samples that say nothing, or nothing that is true now."""
    if fault not in ("NaN", "stale and idle"):
        return text
    told = json.loads(text)
    for sample in told["data"]["result"]:
        is_time = sample["metric"].get("chatflow") == "time"
        if fault == "NaN" and not is_time:
            sample["value"][1] = "NaN"
        if fault == "stale and idle":
            sample["value"][1] = str(time.time() - STALE_SECONDS) if is_time else "0.0001"
    return json.dumps(told).encode()
