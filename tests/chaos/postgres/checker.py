#!/usr/bin/env python3
"""Does PostgreSQL keep what it acknowledged? Runs as a pod beside the topology.

  checker.py HOST SECONDS WRITERS MEMBER…

Writers insert numbered rows through HOST and write down in a ledger, synced to disk, what became of each:
ok (acknowledged), fail (refused, not there), info (unknown: the connection was lost on the way). A prober
asks the members in turn whether they take writes. At the end, with the topology given two minutes to
converge, every ok has to be in the table. One line of JSON per write gap above 0.5 s, and one at the end.
"""

import json
import os
import sys
import threading
import time

import psycopg2

LEDGER = "/tmp/ledger"
CONVERGENCE = 120  # seconds
GAP = 0.5  # seconds: shorter ones are not told
OPTIONS = {
    "dbname": "postgres",
    "user": "postgres",
    "connect_timeout": 2,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "tcp_user_timeout": 3000,
}


def tell(**fields):
    print(json.dumps(fields), flush=True)


def connect(host, **more):
    return psycopg2.connect(host=host, **OPTIONS, **more)


class Ledger:
    """What became of each row, on disk before the next one is tried."""

    def __init__(self):
        self.lock = threading.Lock()
        self.file = open(LEDGER, "a")
        self.rows = {"ok": set(), "fail": set(), "info": set()}
        self.last_ok = time.time()
        self.gap_max = 0.0

    def note(self, outcome, row):
        now = time.time()
        with self.lock:
            self.file.write(f"{outcome} {row[0]} {row[1]} {now:.3f}\n")
            self.file.flush()
            os.fsync(self.file.fileno())
            self.rows[outcome].add(row)
            if outcome != "ok":
                return
            gap = now - self.last_ok
            if gap > GAP:
                tell(gap=round(gap, 2), until=round(now, 2))
            self.gap_max = max(self.gap_max, gap)
            self.last_ok = now


def write(host, writer, ledger, end):
    connection, number = None, 0
    while time.time() < end:
        number += 1
        row = (writer, number)
        sent = False
        try:
            if connection is None:
                connection = connect(host)
                connection.autocommit = True
            with connection.cursor() as cursor:
                sent = True
                cursor.execute("INSERT INTO chaos VALUES (%s, %s)", row)
            ledger.note("ok", row)
        except psycopg2.Error as error:
            # Refused by a server that told so: not written. Else nobody knows.
            refused = not sent or error.pgcode not in (None, "57P01", "57P02", "57P03")
            ledger.note("fail" if refused else "info", row)
            if connection is not None:
                connection.close()
            connection = None
            time.sleep(0.1)
        time.sleep(0.01)


def probe(members, end, found):
    """Counts rounds in which two members took a write: a split brain, were it without synchrony."""
    while time.time() < end:
        takers = []
        for member in members:
            try:
                connection = connect(member, options="-c statement_timeout=1000")
                connection.autocommit = True
                with connection.cursor() as cursor:
                    cursor.execute("INSERT INTO chaos_probe VALUES (%s)", (member,))
                takers.append(member)
                connection.close()
            except psycopg2.Error:
                pass
        found["rounds"] += 1
        # The role may have moved between two questions: only who takes writes still, counts.
        if len(takers) > 1:
            found["suspects"] += 1
        time.sleep(0.2)


def prepare(host):
    end = time.time() + CONVERGENCE
    while True:
        try:
            with connect(host) as connection, connection.cursor() as cursor:
                cursor.execute("DROP TABLE IF EXISTS chaos, chaos_probe")
                cursor.execute("CREATE TABLE chaos (writer int, number int, PRIMARY KEY (writer, number))")
                cursor.execute("CREATE TABLE chaos_probe (member text)")
            return
        except psycopg2.Error:
            if time.time() > end:
                raise
            time.sleep(1)


def read(host):
    """All rows, once the topology takes writes again; and how long that took."""
    begin = time.time()
    while True:
        try:
            with connect(host) as connection, connection.cursor() as cursor:
                cursor.execute("INSERT INTO chaos VALUES (-1, 0) ON CONFLICT DO NOTHING")
                connection.commit()
                cursor.execute("SELECT writer, number FROM chaos WHERE writer >= 0")
                return set(cursor.fetchall()), time.time() - begin
        except psycopg2.Error:
            if time.time() - begin > CONVERGENCE:
                raise
            time.sleep(0.5)


def main():
    host, seconds, writers, members = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    prepare(host)
    ledger, found = Ledger(), {"rounds": 0, "suspects": 0}
    end = time.time() + seconds
    tell(started=round(time.time(), 2))
    threads = [threading.Thread(target=write, args=(host, n, ledger, end)) for n in range(writers)]
    threads.append(threading.Thread(target=probe, args=(members, end, found)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    there, took = read(host)
    lost = ledger.rows["ok"] - there
    phantom = ledger.rows["fail"] & there
    tell(
        acknowledged=len(ledger.rows["ok"]), refused=len(ledger.rows["fail"]), unknown=len(ledger.rows["info"]),
        lost=len(lost), phantom=len(phantom), first_lost=sorted(lost)[:5], gap_max=round(ledger.gap_max, 2),
        convergence=round(took, 2), **found,
    )
    return 1 if lost or phantom else 0


if __name__ == "__main__":
    sys.exit(main())
