#!/usr/bin/env python3
"""Does PostgreSQL keep what it acknowledged? Runs as a pod beside the topology.

  checker.py HOST USER PRIMARY WRITERS RATE MEMBER…

Writers insert numbered rows through HOST, RATE a second together where the servers are fast enough, as USER with $WRITER_PASSWORD into the database of that name, and write down
in a ledger, synced to disk, what became of each: ok (acknowledged), fail (refused, not there), info (unknown: the
connection was lost on the way). A prober for each member writes to it directly, as the superuser with $PGPASSWORD;
PRIMARY leads to who takes writes. Ends when /tmp/stop is there: with the topology given two minutes to
converge, every ok has to be in the table. One line of JSON per write gap above 0.5 s, and one at the end.
"""

import json
import os
import sys
import threading
import time

import psycopg2

LEDGER = "/tmp/ledger"
STOP = "/tmp/stop"
CONVERGENCE = 120  # seconds
GAP = 0.5  # seconds: shorter ones are not told
# A primary takes longer to lose its role and to get it back.
DUAL = 3.0  # seconds
OPTIONS = {
    "connect_timeout": 2,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "tcp_user_timeout": 3000,
}


def tell(**fields):
    print(json.dumps(fields), flush=True)


def connect(host, user="postgres", **more):
    """To the database that has the user's name."""
    return psycopg2.connect(host=host, user=user, dbname=user, **OPTIONS, **more)


def connect_as(user):
    """For writers."""
    return lambda host: connect(host, user=user, password=os.environ["WRITER_PASSWORD"])


def was_waived(connection):
    """Whether the server said yes with the warning that no standby has it: that is no acknowledgement."""
    waived = any("synchronous replication" in notice for notice in connection.notices)
    connection.notices.clear()
    return waived


class Ledger:
    """What became of each row, on disk before the next one is tried."""

    def __init__(self):
        self.lock, self.syncing = threading.Lock(), threading.Lock()
        self.noted, self.synced = 0, 0
        self.file = open(LEDGER, "a")
        self.rows = {"ok": set(), "fail": set(), "info": set()}
        self.last_ok = time.time()
        self.gap_max = 0.0

    def note(self, outcome, row):
        now = time.time()
        with self.lock:
            self.file.write(f"{outcome} {row[0]} {row[1]} {now:.3f}\n")
            self.noted += 1
            mine = self.noted
            self.rows[outcome].add(row)
            if outcome == "ok":
                self.acknowledged_at(now)
        self.sync(mine)

    def acknowledged_at(self, now):
        gap = now - self.last_ok
        if gap > GAP:
            tell(gap=round(gap, 2), until=round(now, 2))
        self.gap_max = max(self.gap_max, gap)
        self.last_ok = now

    def sync(self, mine):
        """One for all that wait for it."""
        with self.syncing:
            if self.synced >= mine:
                return
            with self.lock:
                self.file.flush()
                noted = self.noted
            os.fsync(self.file.fileno())
            self.synced = noted


def write(connect, host, writer, ledger, every):
    """A row every so many seconds; one that is late is not made up for."""
    connection, number, due = None, 0, time.monotonic()
    while not os.path.exists(STOP):
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
            ledger.note("info" if was_waived(connection) else "ok", row)
        except psycopg2.Error as error:
            # Refused by a server that told so: not written. Else nobody knows.
            refused = not sent or error.pgcode not in (None, "57P01", "57P02", "57P03")
            ledger.note("fail" if refused else "info", row)
            if connection is not None:
                connection.close()
            connection = None
            time.sleep(0.1)
        due = max(due + every, time.monotonic())
        time.sleep(max(due - time.monotonic(), 0))


def probe(member, acknowledged):
    """Tries to write to this member, whatever its role, and notes when it acknowledged."""
    connection = None
    while not os.path.exists(STOP):
        try:
            if connection is None:
                connection = connect(member, options="-c statement_timeout=1000")
                connection.autocommit = True
            with connection.cursor() as cursor:
                begin = time.time()
                cursor.execute("INSERT INTO chaos_probe VALUES (%s)", (member,))
            if not was_waived(connection):
                acknowledged.append((begin, time.time(), member))
        except psycopg2.Error:
            if connection is not None:
                connection.close()
            connection = None
        time.sleep(0.2)


def dual_primaries(acknowledged):
    """How often a member took writes between two of another one: a role moves there and back more slowly."""
    found, last_begin, previous = 0, {}, None
    for begin, end, member in sorted(acknowledged, key=lambda entry: entry[1]):
        if previous not in (None, member) and begin - last_begin.get(member, 0) < DUAL:
            found += 1
        last_begin[member], previous = end, member
    return found


def make(connect, host, table, columns):
    end = time.time() + CONVERGENCE
    while True:
        try:
            with connect(host) as connection, connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {table}")
                cursor.execute(f"CREATE TABLE {table} ({columns})")
            return
        except psycopg2.Error:
            if time.time() > end:
                raise
            time.sleep(1)


def read(connect, host):
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
    host, user, primary, writers, rate, members = *sys.argv[1:4], int(sys.argv[4]), float(sys.argv[5]), sys.argv[6:]
    writing = connect_as(user)
    make(writing, host, "chaos", "writer int, number int, PRIMARY KEY (writer, number)")
    make(connect, primary, "chaos_probe", "member text")
    ledger, acknowledged = Ledger(), []
    begin = time.time()
    tell(started=round(begin, 2))
    threads = [threading.Thread(target=write, args=(writing, host, n, ledger, writers / rate)) for n in range(writers)]
    threads += [threading.Thread(target=probe, args=(member, acknowledged)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    a_second = len(ledger.rows["ok"]) / (time.time() - begin)
    there, took = read(writing, host)
    lost = ledger.rows["ok"] - there
    phantom = ledger.rows["fail"] & there
    tell(
        acknowledged=len(ledger.rows["ok"]), refused=len(ledger.rows["fail"]), unknown=len(ledger.rows["info"]),
        lost=len(lost), phantom=len(phantom), first_lost=sorted(lost)[:5], gap_max=round(ledger.gap_max, 2),
        convergence=round(took, 2), probes=len(acknowledged), dual=dual_primaries(acknowledged),
        per_second=round(a_second),
    )
    time.sleep(600)  # so that the answer can be read, whoever restarts what


if __name__ == "__main__":
    main()
