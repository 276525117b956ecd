"""Ports of the servers that a benchmark starts."""

import http.client
import socket
import time

READY_WITHIN_S = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for_port(port, path=None):
    """Until something listens there, and answers to the path with 200."""
    give_up = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.connect()
            if path is None:
                return
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    raise SystemExit(f"nothing answers on port {port} within {READY_WITHIN_S} s")
