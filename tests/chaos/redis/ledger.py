"""Writers that note every write a Redis acknowledged, and what is missing afterwards."""
import socket
import threading
import time


class Connection:
    """Just enough RESP for SET, AUTH and KEYS."""

    def __init__(self, host, port, password, timeout=3.0):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.settimeout(timeout)
        self.file = self.socket.makefile("rb")
        self.call("AUTH", password)

    def call(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = word.encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self.socket.sendall(b"".join(parts))
        return self.read()

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the connection ended")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise ConnectionError(rest.decode())
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.file.read(size + 2)[:-2].decode()
        if kind == b"*":
            return [self.read() for _ in range(int(rest))]
        if kind not in (b"+", b":"):
            raise ConnectionError(f"this is no Redis: {line[:60]!r}")
        return rest.decode()

    def close(self):
        self.socket.close()


class Ledger:
    def __init__(self, host, password, run, writers=8, rate=1000):
        self.host, self.password, self.run = host, password, run
        self.writers, self.pause = writers, writers / rate
        self.acknowledged = []  # (time, key); append is atomic
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self._write, args=(i,), daemon=True)
                        for i in range(writers)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(10)

    def _write(self, writer):
        number, connection = 0, None
        while not self.ending.is_set():
            number += 1
            key = f"ledger:{self.run}:{writer}:{number}"
            try:
                if connection is None:
                    connection = Connection(self.host, 6379, self.password)
                if connection.call("SET", key, "1") != "OK":
                    raise ConnectionError("not acknowledged")
                self.acknowledged.append((time.monotonic(), key))
                time.sleep(self.pause)
            except OSError:
                if connection is not None:
                    connection.close()
                connection = None
                time.sleep(0.02)

    def _connect(self):
        """Also while the address is led to another node."""
        until = time.monotonic() + 30
        while True:
            try:
                return Connection(self.host, 6379, self.password, timeout=20)
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def gap(self):
        times = sorted(at for at, _ in self.acknowledged)
        return max((b - a for a, b in zip(times, times[1:])), default=0.0)

    def lost(self):
        """Keys that were acknowledged and are not there; with when. Those that are there are removed."""
        connection = self._connect()
        kept, cursor = set(), "0"
        while True:
            cursor, keys = connection.call("SCAN", cursor, "MATCH", f"ledger:{self.run}:*", "COUNT", "2000")
            kept.update(keys)
            if cursor == "0":
                break
        keys = sorted(kept)
        for at in range(0, len(keys), 1000):
            connection.call("UNLINK", *keys[at:at + 1000])
        connection.close()
        return [(at, key) for at, key in self.acknowledged if key not in kept]
