"""Requests at a steady rate, from the host to a NodePort, with hardly any CPU of its own.

Each burst travels on a new connection, so that kube-proxy spreads them over the present pods."""

import socket
import threading
import time

BURST_S = 0.05
CONNECT_TIMEOUT_S = 5
THREADS = 4


class Load:
    """Use as a context, or start() and stop(). Stops by itself after `seconds`."""

    def __init__(self, address, port, path, rate, seconds):
        self._target = (address, port)
        last = f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode()
        more = f"GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode()
        self._requests = max(1, round(rate * BURST_S / THREADS))
        self._burst = more * (self._requests - 1) + last
        self._until = time.monotonic() + seconds
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(n,), daemon=True) for n in range(THREADS)
        ]
        self._lock = threading.Lock()
        self.answered = self.failed = 0

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        self._ending.set()
        for thread in self._threads:
            thread.join(timeout=CONNECT_TIMEOUT_S * 2)

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    def _send(self, number):
        due = time.monotonic() + number * BURST_S / THREADS
        while not self._ending.is_set() and time.monotonic() < self._until:
            good = self._one_burst()
            with self._lock:
                self.answered += good
                self.failed += self._requests - good
            due += BURST_S
            # A server that is behind is not chased: what was missed is not made up for.
            due = max(due, time.monotonic() - BURST_S)
            self._ending.wait(max(0.0, due - time.monotonic()))

    def _one_burst(self):
        good, tail = 0, b""
        try:
            with socket.create_connection(self._target, timeout=CONNECT_TIMEOUT_S) as connection:
                connection.sendall(self._burst)
                while data := connection.recv(1 << 16):
                    data = tail + data
                    good += data.count(b"HTTP/1.1 200")
                    tail = data[-11:]  # shorter than what is counted: no answer counts twice
        except OSError:
            pass
        return min(good, self._requests)
