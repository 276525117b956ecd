"""PostgreSQL, Redis and programs for benchmarks and chaos: real processes on free ports of this machine, and a relay
between them and their clients."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time

from ports import free_port, wait_for_port

POSTGRES_BIN = "/usr/lib/postgresql/17/bin/"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
WAIT_S = 60


def wait_until(is_so, what):
    end = time.monotonic() + WAIT_S
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {WAIT_S} s")
        time.sleep(0.02)


def as_postgres(command):
    """PostgreSQL does not run as root."""
    if os.getuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


class Postgres:
    """A server with the database and user chatflow; a standby of `primary` when one is given, which it then follows at
    `upstream`. It writes to the disk before it confirms."""

    def __init__(self, folder, settings=(), before=(), primary=None, upstream=None):
        self.port, self.before, self.data = free_port(), list(before), folder
        os.mkdir(folder)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        os.chmod(folder, 0o700)
        if primary is None:
            self._run("initdb", "-D", folder, "-U", "chatflow", "-A", "trust")
        else:
            self._run("pg_basebackup", "-D", folder, "-R", "-X", "stream", "-c", "fast", "-d", primary)
            self._set("primary_conninfo", upstream or primary)
        self.settings = [word for setting in ("unix_socket_directories=", *settings) for word in ("-c", setting)]
        self.start()
        if primary is None:
            self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "chatflow", "chatflow")

    @staticmethod
    def _run(program, *words):
        subprocess.run(as_postgres([POSTGRES_BIN + program, *words]), check=True, cwd="/", stdout=subprocess.DEVNULL)

    def start(self):
        self.process = subprocess.Popen(
            [*self.before, *as_postgres([POSTGRES_BIN + "postgres", "-D", self.data, "-h", "127.0.0.1", "-p",
                                         str(self.port), *self.settings])], cwd="/", **QUIET)
        ready = [POSTGRES_BIN + "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_until(lambda: subprocess.run(ready).returncode == 0, "PostgreSQL")

    def kill(self):
        """At once, as when the machine goes: the postmaster's children end with it."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def promote(self):
        self.sql("SELECT pg_promote(true, 30)")

    def follow_late(self, seconds):
        self._set("recovery_min_apply_delay", f"{seconds}s")
        self.process.send_signal(signal.SIGHUP)

    def _set(self, name, value):
        with open(os.path.join(self.data, "postgresql.auto.conf"), "a") as file:
            file.write(f"{name} = '{value}'\n")

    def sql(self, text):
        return subprocess.run(
            [POSTGRES_BIN + "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "chatflow", "-Atc", text,
             "chatflow"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()


class Redis:
    def __init__(self, folder, settings=(), before=()):
        self.port = free_port()
        os.makedirs(folder, exist_ok=True)
        self.command = [*before, "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                        "--dir", folder, *settings]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, **QUIET)
        wait_for_port(self.port)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


def cpu_seconds(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except FileNotFoundError:  # a connection that has just been closed
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Program:
    """One of ours, or of its peers; ready when something listens on the port, and answers to the path with 200."""

    def __init__(self, command, port, path=None, environment=None, stdout=subprocess.DEVNULL):
        self.port = port
        self.process = subprocess.Popen(command, env=dict(os.environ, **(environment or {})), stdout=stdout)
        wait_for_port(port, path)

    def memory_mib(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            status = dict(line.split(":", 1) for line in file)
        return int(status["VmRSS"].split()[0]) / 1024

    def close(self):
        self.process.terminate()
        self.process.wait()


class Relay:
    """A port whose connections lead to another, which may change, or be nowhere for a while."""

    def __init__(self, target):
        self.target, self.open, self.lock = target, set(), threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def lead_to(self, target):
        """From now on; None: nowhere. Connections that are open end."""
        with self.lock:
            self.target = target
            for end in self.open:
                self._shut(end)

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        target = self.target
        try:
            if target is None:
                raise OSError
            server = socket.create_connection(("127.0.0.1", target))
        except OSError:
            client.close()
            return
        ends = (client, server)
        with self.lock:
            self.open.update(ends)
            if target != self.target:
                self._shut(server)
        for end in ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=self._pass_on, args=(server, client), daemon=True)
        back.start()
        self._pass_on(client, server)
        back.join()
        with self.lock:
            self.open.difference_update(ends)
        for end in ends:
            end.close()

    def _pass_on(self, source, sink):
        try:
            while data := source.recv(1 << 16):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            self._shut(end)

    @staticmethod
    def _shut(end):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:  # it has ended already
            pass
