"""Clients that send messages and read them back by another pod, and what each of them may rely on."""

import collections
import dataclasses
import http.client
import itertools
import json
import threading
import time

CLIENTS = 6
ROOMS = 3
TIMEOUT_S = 15  # beyond what the server takes at most
RETRY_S = 0.1
CALM_S = 1.0


@dataclasses.dataclass
class Report:
    requests: int
    failed: int
    stale: int
    gap: float         # longest time without an acknowledged message, seconds
    last_error: float  # after the fault began; 0: none


@dataclasses.dataclass
class Event:
    at: float
    kind: str  # sent, read, failed, stale


class Pods:
    """Connections of one client to all pods, made anew when they break."""

    def __init__(self, ports, address):
        self.ports, self.headers = ports, {"X-Forwarded-For": address, "Content-Type": "application/json"}
        self.connections = {}

    def call(self, pod, method, path, body=None):
        """Status and JSON; an OSError or HTTPException where there is no answer."""
        connection = self.connections.pop(pod, None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.ports[pod], timeout=TIMEOUT_S)
        connection.request(method, path, body and json.dumps(body), self.headers)
        answer = connection.getresponse()
        text = answer.read()
        self.connections[pod] = connection
        return answer.status, json.loads(text)


class Clients:
    def __init__(self, ports, rate):
        self.ports, self.period = ports, CLIENTS / rate
        self.lock = threading.Lock()
        self.events = []
        self.acknowledged = {}  # (room, client_msg_id): (seq, id)
        self.ending = threading.Event()
        self.may_run = threading.Event()
        self.parked = 0
        pods = Pods(ports, "192.0.2.1")
        self.rooms = [pods.call(0, "POST", "/api/v1/rooms", {"name": f"room {i}"})[1]["id"] for i in range(ROOMS)]
        self.threads = [threading.Thread(target=self._run, args=(i,), daemon=True) for i in range(CLIENTS)]

    def start(self):
        self.may_run.set()
        for thread in self.threads:
            thread.start()

    def pause(self):
        """Returns when nothing is under way."""
        self.may_run.clear()
        while self.parked < CLIENTS:
            time.sleep(0.01)

    def go_on(self):
        self.may_run.set()

    def stop(self):
        self.ending.set()
        self.may_run.set()
        for thread in self.threads:
            thread.join(TIMEOUT_S)

    def _note(self, kind):
        with self.lock:
            self.events.append(Event(time.monotonic(), kind))

    def _run(self, number):
        pods = Pods(self.ports, f"192.0.2.{10 + number}")
        for count in itertools.count(1):
            self._park()
            if self.ending.is_set():
                return
            begun = time.monotonic()
            room = self.rooms[count % ROOMS]
            name = f"c{number}-{count}"
            seq = self._send(pods, room, name, count)
            if seq is not None:
                self._read_back(pods, room, name, seq, count)
            time.sleep(max(0.0, begun + self.period - time.monotonic()))

    def _park(self):
        with self.lock:
            self.parked += 1
        self.may_run.wait()
        with self.lock:
            self.parked -= 1

    def _send(self, pods, room, name, count):
        """Until it is acknowledged, by one pod after the other; as a client does."""
        message = {"sender": name.split("-")[0], "body": f"message {name}", "client_msg_id": name}
        for attempt in itertools.count(count):
            try:
                status, sent = pods.call(attempt % len(self.ports), "POST", f"/api/v1/rooms/{room}/messages", message)
            except (OSError, http.client.HTTPException):
                status, sent = 0, {}
            if status == 201:
                with self.lock:
                    self.acknowledged[room, name] = (sent["seq"], sent["id"])
                self._note("sent")
                return sent["seq"]
            self._note("failed")
            if self.ending.is_set():
                return None
            time.sleep(RETRY_S)

    def _read_back(self, pods, room, name, seq, count):
        """By the other pod: whoever has written sees it."""
        try:
            status, page = pods.call((count + 1) % len(self.ports), "GET", f"/api/v1/rooms/{room}/messages?limit=100")
        except (OSError, http.client.HTTPException):
            status, page = 0, {}
        if status != 200:
            self._note("failed")
            return
        is_there = any(message.get("client_msg_id") == name for message in page["messages"])
        oldest = page["messages"][0]["seq"] if page["messages"] else 0
        is_stale = page["last_seq"] < seq or (not is_there and oldest <= seq)
        self._note("stale" if is_stale else "read")

    # ---- what happened in a case

    def begin_case(self):
        with self.lock:
            return len(self.events)

    def is_calm(self):
        """Nothing has failed for a while, and messages are acknowledged."""
        since = time.monotonic() - CALM_S
        with self.lock:
            late = [event.kind for event in self.events[-1000:] if event.at > since]
        return "sent" in late and "failed" not in late

    def end_case(self, first, began):
        with self.lock:
            events = self.events[first:]
        counts = collections.Counter(event.kind for event in events)
        sent = [event.at for event in events if event.kind == "sent"]
        failed = [event.at - began for event in events if event.kind == "failed"]
        return Report(requests=len(events), failed=counts["failed"], stale=counts["stale"],
                      gap=max((b - a for a, b in zip(sent, sent[1:])), default=float("inf")),
                      last_error=max(failed, default=0.0))

    def compare(self, rows):
        """How many acknowledged messages are not in the table as they were acknowledged, and how many are in it
        twice. Nothing is under way."""
        known = self.acknowledged
        stored = collections.defaultdict(list)
        for room, seq, message_id, name in rows:
            stored[room, name].append((int(seq), message_id))
        lost = sum(1 for key, told in known.items() if told not in stored[key])
        doubled = sum(max(0, len(places) - 1) for places in stored.values())
        # A sequence that two messages have, or that is missing, is one more.
        for room in self.rooms:
            numbers = sorted(int(seq) for row_room, seq, _, _ in rows if row_room == room)
            doubled += len(numbers) - len(set(numbers))
            lost += (numbers[-1] if numbers else 0) - len(set(numbers))
        return lost, doubled

    def compare_told(self, stage):
        """How many acknowledged messages their room was not told of exactly once, in order."""
        wrong = 0
        for room in self.rooms:
            told = []
            for text in stage.told(room):
                name, event = json.loads(text)
                if name == "message.created":
                    told.append((event["seq"], event["messageId"]))
            counts = collections.Counter(told)
            wrong += sum(1 for (where, _), message in self.acknowledged.items()
                         if where == room and counts[message] != 1)
            wrong += sum(count - 1 for count in counts.values())
            wrong += sum(1 for (a, _), (b, _) in zip(told, told[1:]) if b <= a)
        return wrong
