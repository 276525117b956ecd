#!/usr/bin/env python3
"""Does hack/lint find what it is there to find? On small trees of wrong files."""

import importlib.machinery
import importlib.util
import pathlib
import shutil
import tempfile
import unittest

LINT = pathlib.Path(__file__).resolve().parents[3] / "hack" / "lint"


class Lint(unittest.TestCase):
    def setUp(self):
        loader = importlib.machinery.SourceFileLoader("lint", str(LINT))
        self.lint = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint", loader))
        loader.exec_module(self.lint)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.lint.ROOT = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.lint.ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def refused(self, name, include):
        self.write(name, f"#include {include}\n")
        findings = [found for found in self.lint.check_includes() if found.startswith(name)]
        (self.lint.ROOT / name).unlink()
        return findings != []

    def test_includes_point_downwards(self):
        for name, include, refused in [
            ("libs/base/a.hpp", '"libs/async/clock.hpp"', True),
            ("libs/async/a.hpp", '"libs/base/time.hpp"', False),
            ("libs/http/a.hpp", '"libs/redis/pool.hpp"', True),
            ("libs/http/a.hpp", '"libs/http/url.hpp"', False),
            ("libs/http/a.hpp", '"controller/api/kind.hpp"', True),
            ("controller/api/a.hpp", '"controller/domain/decide.hpp"', True),
            ("controller/domain/scaling/a.hpp", '"controller/api/kind.hpp"', False),
            ("controller/domain/scaling/a.hpp", '"libs/async/clock.hpp"', True),
            ("controller/domain/postgres/a.hpp", '"libs/postgres/lsn.hpp"', False),
            ("controller/domain/postgres/a.hpp", '"libs/postgres/pool.hpp"', True),
            ("controller/clients/kube/a.hpp", '"controller/runtime/store.hpp"', True),
            ("controller/runtime/a.hpp", '"controller/clients/kube/client.hpp"', False),
            ("controller/runtime/a.hpp", '"controller/clients/prometheus/client.hpp"', True),
            ("controller/runtime/a.hpp", '"controller/domain/decide.hpp"', True),
            ("controller/reconcilers/scaling/a.hpp", '"controller/domain/decide.hpp"', False),
            ("workloads/socket/a.hpp", '"workloads/chat-server/room.hpp"', True),
            ("workloads/socket/a.hpp", '"controller/api/kind.hpp"', True),
            ("workloads/socket/a.hpp", '"libs/http/url.hpp"', False),
        ]:
            with self.subTest(name=name, include=include):
                self.assertEqual(self.refused(name, include), refused)

    def test_pure_code_sees_no_event_loop_and_no_client(self):
        for header in ["boost/asio.hpp", "cpprest/http_client.h", "pqxx/pqxx", "hiredis/hiredis.h"]:
            with self.subTest(header=header):
                self.assertTrue(self.refused("controller/domain/a.cpp", f"<{header}>"))
        self.assertFalse(self.refused("controller/domain/a.cpp", "<vector>"))

    @unittest.skipUnless(shutil.which("clang-format-19"), "clang-format 19 is not here")
    def test_formatting(self):
        shutil.copy(LINT.parent.parent / ".clang-format", self.lint.ROOT)
        self.write("libs/base/good.hpp", "int one();\n")
        self.write("libs/base/bad.hpp", "int   two( ) ;\n")
        self.write("build/kube/generated.hpp", "int   three( ) ;\n")
        findings = list(self.lint.check_format())
        self.assertEqual([found.split(":")[0] for found in findings], ["libs/base/bad.hpp"])

    def test_scripts(self):
        self.write("hack/good", "#!/usr/bin/env bash\necho good\n")
        self.assertEqual(list(self.lint.check_scripts()), [])
        self.write("hack/bad", "#!/usr/bin/env bash\nif true; then\n")
        self.write("hack/bad.py", "def f(:\n")
        found = "\n".join(self.lint.check_scripts())
        self.assertIn("hack/bad.py:1", found)
        self.assertIn("hack/bad: line", found)


if __name__ == "__main__":
    unittest.main()
