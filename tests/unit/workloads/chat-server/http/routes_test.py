"""No route without a description: what the sources of chat-server add to its router, beside openapi.json."""

import json
import pathlib
import re
import unittest

HTTP = pathlib.Path(__file__).resolve().parents[5] / "workloads/chat-server/http"
NOT_OF_THE_API = "/health/"
TEXT = re.compile(r'(\w+) = ("[^"]*")')
ADD = re.compile(r"\brouter\.add\(\s*(?:http::Method::)?(\w+),\s*([^,]+),")


def path_of(expression, texts):
    """The value of `name + "/more"`."""
    parts = [part.strip() for part in expression.split("+")]
    return "".join((texts[part] if not part.startswith('"') else part).strip('"') for part in parts)


def routes_of(source):
    header = source.with_suffix(".hpp")
    text = source.read_text()
    texts = dict(TEXT.findall((header.read_text() if header.exists() else "") + text))
    found = ADD.findall(text)
    # An addition in another form would go unseen.
    assert len(found) == text.count("router.add("), source
    return {f"{method.upper()} {path_of(path, texts)}" for method, path in found}


class RoutesTest(unittest.TestCase):
    def test_each_is_described_and_nothing_else_is(self):
        routes = set().union(*(routes_of(source) for source in HTTP.glob("*.cpp")))
        served = {route for route in routes if NOT_OF_THE_API not in route}
        paths = json.loads((HTTP / "openapi.json").read_text())["paths"]
        described = {f"{method.upper()} {path}" for path, item in paths.items()
                     for method in item if method != "parameters"}
        self.assertEqual(served, described)


if __name__ == "__main__":
    unittest.main()
