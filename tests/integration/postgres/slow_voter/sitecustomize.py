"""A Patroni that takes its time before it does anything about a missing leader, while SLOW_VOTERS has a file of its name."""

import os
import time

import patroni.postgresql  # ahead of patroni.ha: they import each other
import patroni.ha

SECONDS = 6


def slow(method):
    def wrapped(self):
        if os.path.exists(os.path.join(os.environ["SLOW_VOTERS"], self.state_handler.name)):
            time.sleep(SECONDS)
        return method(self)

    return wrapped


patroni.ha.Ha.process_unhealthy_cluster = slow(patroni.ha.Ha.process_unhealthy_cluster)
