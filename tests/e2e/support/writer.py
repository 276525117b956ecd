"""A client that writes while a case breaks something, and says what was acknowledged."""

import threading


class Writer:
    """Runs `script` in a pod's container until it is left, which makes `stop_file` there. `seen`: the
    numbers that the script printed, a line each."""

    def __init__(self, kube, where, script, stop_file):
        """`where`: a namespace, a pod, its container and a shell."""
        namespace, pod, container, shell = where
        self._kube, self._script, self._stop_file = kube, script, stop_file
        self._exec = ("-n", namespace, "exec", pod, "-c", container, "--", shell, "-c")
        self.seen = []

    def __enter__(self):
        self._process = self._kube.follow(*self._exec, self._script)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def _read(self):
        for line in self._process.stdout:
            if line.strip().isdigit():
                self.seen.append(line.strip())

    def __exit__(self, *_):
        self._kube.kubectl(*self._exec, f"touch {self._stop_file}")
        self._process.wait(timeout=30)
        self._reader.join()
