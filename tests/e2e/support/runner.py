"""Runs the cases, tells what happens, and gathers evidence when one fails."""

import concurrent.futures
import json
import sys
import time
import traceback

from .kube import Failure


class Skipped(Exception):
    """The cluster cannot show this; the message says why."""


class Report:
    """What a case tells while it runs. `lane` is named when others run beside it."""

    def __init__(self, lane=""):
        self.measured = {}
        self._lane = f"[{lane}] " if lane else ""

    def say(self, text):
        _tell(f"      {time.strftime('%H:%M:%S')} {self._lane}{text}")

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


def run_stages(stages, world, artifacts):
    """Stages one after the other; the lanes of a stage side by side, each with its cases in order."""
    results = []
    for stage in stages:
        lanes = {name: cases for name, cases in stage.items() if cases}
        if len(lanes) == 1:
            results += run_cases(*lanes.values(), world, artifacts)
            continue
        with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(lanes))) as pool:
            running = [
                pool.submit(run_cases, cases, world, artifacts, lane)
                for lane, cases in lanes.items()
            ]
        for lane in running:
            results += lane.result()
    return results


def run_cases(cases, world, artifacts, lane=""):
    results = []
    for function in cases:
        sentence = function.__name__.replace("_", " ")
        _tell(f"▸ {sentence}")
        report, started = Report(lane), time.monotonic()
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
        lines = [f"{mark} {sentence} ({result['seconds']} s)"]
        if "message" in result:
            lines.append("      " + result["message"].replace("\n", "\n      "))
        _tell("\n".join(lines))
        if result["outcome"] == "failed":
            world.diagnose(artifacts / function.__name__)
            namespace = getattr(sys.modules[function.__module__], "NAMESPACE", None)
            result["evidence"] = world.last_words(namespace) if namespace else []
    return results


def tell_failures(results):
    """What failed, once more at the end, where whoever kept only the end of the output looks."""
    for result in results:
        if result["outcome"] == "failed":
            lines = [f"✗ {result['test']}", *result["message"].splitlines(), *result["evidence"]]
            _tell("\n      ".join(lines))


def _tell(text):
    # In one write, because lanes tell at the same time.
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def write_record(path, results, about):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"about": about, "results": results}, file, indent=2, ensure_ascii=False)
        file.write("\n")
