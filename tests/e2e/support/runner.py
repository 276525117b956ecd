"""Runs the cases one after the other, tells what happens, and gathers evidence when one fails."""

import json
import sys
import time
import traceback

from .kube import Failure


class Skipped(Exception):
    """The cluster cannot show this; the message says why."""


class Report:
    """What a case tells while it runs."""

    def __init__(self):
        self.measured = {}

    def say(self, text):
        print(f"      {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)

    def measure(self, name, value, limit=None, unit="s"):
        """Notes a figure; above the limit it fails the case."""
        value = round(value, 2)
        self.measured[name] = {
            "value": value,
            "unit": unit,
            **({"limit": limit} if limit is not None else {}),
        }
        bound = f" (at most {limit} {unit})" if limit is not None else ""
        self.say(f"{name}: {value} {unit}{bound}")
        if limit is not None and value > limit:
            raise Failure(f"{name} was {value} {unit}, at most {limit} {unit} is required")


def run_cases(cases, world, artifacts):
    results = []
    for function in cases:
        sentence = function.__name__.replace("_", " ")
        print(f"▸ {sentence}", file=sys.stderr, flush=True)
        report, started = Report(), time.monotonic()
        result = {"test": sentence, "outcome": "passed", "measured": report.measured}
        try:
            function(world, report)
        except Skipped as reason:
            result.update(outcome="skipped", message=str(reason))
        except Failure as failure:
            result.update(outcome="failed", message=str(failure))
        except Exception:  # noqa: BLE001 - a broken case must not hide the others
            result.update(outcome="failed", message=traceback.format_exc())
        result["seconds"] = round(time.monotonic() - started, 1)
        results.append(result)
        mark = {"passed": "✓", "failed": "✗", "skipped": "–"}[result["outcome"]]
        print(f"{mark} {sentence} ({result['seconds']} s)", file=sys.stderr, flush=True)
        if "message" in result:
            print(
                "      " + result["message"].replace("\n", "\n      "), file=sys.stderr, flush=True
            )
        if result["outcome"] == "failed":
            world.diagnose(artifacts / function.__name__)
    return results


def write_record(path, results, about):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"about": about, "results": results}, file, indent=2, ensure_ascii=False)
        file.write("\n")
