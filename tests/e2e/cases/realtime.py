"""What a client hears: chat-server, the gateway and the job runner of one chart, through one Redis."""

import contextlib
import http.client
import json
import secrets

from support.kube import Failure, eventually
from support.world import CHAT, PLATFORM_CHART, now

ROOM_EVENT = "message.created"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def a_message_by_HTTP_reaches_a_client_of_the_gateway_and_a_job_runs(world, report):
    world.platform()
    _enable(world, report)
    try:
        with _forwarded(world, "chat-server") as api, _forwarded(world, "socket") as gateway:
            token = _sign_up(api)
            room = _post(api, "/api/v1/rooms", {"name": "e2e"}, token)["id"]
            client = _Client(gateway)
            client.connect(token)
            client.ask("join", {"roomId": room})
            started = now()
            message = _post(api, f"/api/v1/rooms/{room}/messages", {"body": "hello"}, token)
            heard = client.wait_for(ROOM_EVENT)
            report.measure("from the request to the client", now() - started)
            if heard.get("body") != "hello" or heard.get("roomId") != room:
                raise Failure(f"{message} was posted, the client heard {heard}")
        _run_a_job(world, report, room)
    finally:
        _helm(world, "--set=socket.enabled=false", "--set=worker.enabled=false")


def _enable(world, report):
    started = now()
    settings = [
        f"--set={part}.{setting}"
        for part in ("socket", "worker")
        for setting in (
            "enabled=true",
            "replicas=1",
            "scaling.enabled=false",
            "podDisruptionBudget.enabled=false",
            "resources.requests.cpu=20m",
        )
    ]
    _helm(world, *settings, "--wait")
    report.measure("helm upgrade --wait with gateway and job runner", now() - started)


def _helm(world, *more):
    world.kube.helm(
        "upgrade", "chat", PLATFORM_CHART, "--namespace", CHAT, "--reuse-values", *more
    )


def _run_a_job(world, report, room):
    """An export of the room: the worker reads PostgreSQL and writes a file."""
    started = now()
    program = ("chatflow-worker", "--config", "/etc/chatflow/config.yaml")
    in_worker = ("-n", CHAT, "exec", "deploy/worker", "--", *program)
    data = json.dumps({"roomId": room, "traceparent": TRACE})
    added = world.kube.kubectl(*in_worker, "add", "exports", "e2e", data)
    job = added.split()[-1]
    done, _ = eventually(
        "the job's line in the worker's log",
        lambda: _line_of_job(world, job),
        within=20,
    )
    report.measure("from the job to its end", now() - started)
    if done["msg"] != "A job is done" or done["trace_id"] != TRACE.split("-")[1]:
        raise Failure(f"the job should be done, within its trace: {done}")


def _line_of_job(world, job):
    for line in world.kube.kubectl("-n", CHAT, "logs", "deploy/worker").splitlines():
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            if entry.get("job") == job:
                return entry
    return None


def _sign_up(api):
    account = {"handle": "e2e-" + secrets.token_hex(4), "password": secrets.token_hex(16)}
    return _post(api, "/api/v1/auth/signup", account)["access_token"]


def _post(address, path, body, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    status, text = _request(address, "POST", path, json.dumps(body), headers)
    if status != 201:
        raise Failure(f"POST {path}: {status} {text[:300]}")
    return json.loads(text)


def _request(address, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(*address, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@contextlib.contextmanager
def _forwarded(world, service):
    forward = world.kube.follow("-n", CHAT, "port-forward", f"svc/{service}", ":8080")
    try:
        line = forward.stdout.readline()
        if "Forwarding from 127.0.0.1:" not in line:
            raise Failure(f"kubectl port-forward svc/{service}: {line}")
        yield "127.0.0.1", int(line.split("127.0.0.1:")[1].split()[0])
    finally:
        forward.terminate()
        forward.wait()


class _Client:
    """Socket.IO over polling: what the standard library can speak."""

    def __init__(self, address):
        self.address, self.acks, self.events, self.asked = address, {}, [], 0
        self.path = "/socket.io/?EIO=4&transport=polling"
        status, text = _request(self.address, "GET", self.path)
        if status != 200 or not text.startswith("0"):
            raise Failure(f"the gateway's handshake: {status} {text[:300]}")
        self.path += "&sid=" + json.loads(text[1:])["sid"]

    def connect(self, token):
        self._send("40" + json.dumps({"token": token}))
        packet = next(iter(self._poll()))
        if not packet.startswith("40{"):
            raise Failure(f"the gateway did not let the client in: {packet[:300]}")

    def ask(self, event, argument):
        self.asked += 1
        self._send(f"42{self.asked}" + json.dumps([event, argument]))
        while self.asked not in self.acks:
            self._take(self._poll())
        answer = self.acks[self.asked]
        if not answer[0]["ok"]:
            raise Failure(f"{event}: {answer}")

    def wait_for(self, event):
        while True:
            for name, *arguments in self.events:
                if name == event:
                    return arguments[0]
            self._take(self._poll())

    def _take(self, packets):
        for packet in packets:
            if packet.startswith("42["):
                self.events.append(json.loads(packet[2:]))
            elif packet.startswith("43"):
                number, bracket, rest = packet[2:].partition("[")
                self.acks[int(number)] = json.loads(bracket + rest)

    def _send(self, packet):
        status, text = _request(self.address, "POST", self.path, packet)
        if status != 200:
            raise Failure(f"the gateway refused {packet[:20]}: {status} {text[:300]}")

    def _poll(self):
        status, text = _request(self.address, "GET", self.path)
        if status != 200:
            raise Failure(f"the gateway ended the session: {status} {text[:300]}")
        packets = text.split("\x1e")
        if "2" in packets:
            self._send("3")
        return [packet for packet in packets if packet != "2"]


CASES = [a_message_by_HTTP_reaches_a_client_of_the_gateway_and_a_job_runs]
