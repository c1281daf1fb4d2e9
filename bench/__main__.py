"""Print what a move costs, beside other libraries, as microseconds and as ratios."""

from __future__ import annotations

import argparse
import json
import platform
from typing import Any

from bench.contenders import load
from bench.story import PATHS
from bench.timing import Lane, Times, measure, measure_imports


def main() -> None:
    arguments = _arguments()
    contenders, missing = load()
    times = measure(contenders, rounds=arguments.rounds, issues=arguments.issues)
    imports = measure_imports(rounds=arguments.imports) if arguments.imports else {}
    versions = {contender.name: contender.version for contender in contenders}
    report = _report(times, imports, versions, missing, arguments)
    print(json.dumps(report, ensure_ascii=False, indent=2) if arguments.json else _shown(report))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="rounds measured (11)")
    parser.add_argument("--issues", type=int, default=100, help="issues timed on each path (100)")
    parser.add_argument("--imports", type=int, default=25, help="starts of Python; 0 for none (25)")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    return parser.parse_args()


def _report(
    times: dict[Lane, Times],
    imports: dict[str, float],
    versions: dict[str, str],
    missing: list[str],
    arguments: argparse.Namespace,
) -> dict[str, Any]:
    measured = [
        {
            "contender": name,
            "version": versions[name],
            "does": mode,
            "microseconds": round(lane.least(), 3),
            "median_microseconds": round(lane.median(), 3),
            "by_move": {move: round(time, 3) for move, time in lane.by_move().items()},
        }
        for (name, mode), lane in times.items()
    ]
    empty = imports.get("an empty interpreter", 0.0)
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "rounds": arguments.rounds,
        "issues": arguments.issues,
        "steps": sum(map(len, PATHS.values())),
        "missing": missing,
        "moves": measured,
        "ratios": _ratios(measured),
        "import_milliseconds": {
            name: {"total": round(time, 1), "more_than_empty": round(time - empty, 1)}
            for name, time in imports.items()
        },
    }


def _ratios(measured: list[dict[str, Any]]) -> dict[str, float]:
    cost = {(one["contender"], one["does"]): one["microseconds"] for one in measured}
    apply = cost["rectify", "work"]
    ratios = {"rectify, move built in the time / rectify": cost["rectify", "built"] / apply}
    for (name, does), time in cost.items():
        if name != "rectify":
            asked = "bare" if does == "bare" else "with the same work"
            ratios[f"rectify / {name}, {asked}"] = apply / time
    return {name: round(ratio, 3) for name, ratio in ratios.items()}


_DOES = {"bare": "bare", "work": "same work", "built": "same work, move built"}


def _shown(report: dict[str, Any]) -> str:
    measured = report["moves"]
    cost = {(one["contender"], one["does"]): one for one in measured}
    apply = cost["rectify", "work"]["microseconds"]
    bare = cost["transitions", "bare"]["microseconds"] if ("transitions", "bare") in cost else None
    how = f"mean of {report['steps']} steps, each the least of {report['rounds']} rounds"
    lines = [
        f"A move, in µs: {how} (beside it the median), {report['issues']} issues.",
        f"Python {report['python']}, {report['machine']}.",
        "",
        f"{'':<36}{'does':<24}{'µs':>8}{'median':>9}{'× bare transitions':>21}{'× rectify':>11}",
    ]
    for one in sorted(measured, key=lambda one: (one["does"] == "bare", one["microseconds"])):
        time = one["microseconds"]
        to_bare = f"{time / bare:.2f}" if bare else "–"
        named = f"{one['contender']} {one['version']}"
        lines.append(
            f"{named:<36}{_DOES[one['does']]:<24}{time:>8.2f}"
            f"{one['median_microseconds']:>9.2f}{to_bare:>21}{time / apply:>11.2f}"
        )
    lines += ["", "rectify, by move, in µs and × a bare trigger of the same move:"]
    moves = cost["rectify", "work"]["by_move"]
    for name in ("transitions, as our machine", "transitions"):
        if (triggers := cost.get((name, "bare"))) is not None:
            lines.append(f"  {name}:")
            lines += [
                f"    {move:<14}{time:>6.1f}{time / triggers['by_move'][move]:>8.2f}"
                for move, time in moves.items()
            ]
    if report["import_milliseconds"]:
        lines += ["", f"{'Import, in ms (median)':<40}{'total':>8}{'more than empty':>18}"]
        for name, time in report["import_milliseconds"].items():
            lines.append(f"{name:<40}{time['total']:>8.1f}{time['more_than_empty']:>18.1f}")
    if report["missing"]:
        lines += ["", f"Not installed, so not measured: {', '.join(report['missing'])}."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
