"""Read a JUnit report of pytest: tests ran, and none was skipped that should have run.

Usage: ``junit.py REPORT [--ran WORD] [--may-skip WORD]``: ``--ran`` looks only at tests
that have the word in module or name, ``--may-skip`` allows skips whose reason has the word.
"""

import argparse
import sys
import xml.etree.ElementTree as ET
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Judge one report; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--ran", default="")
    parser.add_argument("--may-skip", action="append", default=[])
    args = parser.parse_args(arguments)
    cases = list(ET.parse(args.report).iter("testcase"))  # noqa: S314 (as above)
    looked_at = [case for case in cases if args.ran in name_of(case)]
    skipped = [
        f"{name_of(case)}: {reason}"
        for case in looked_at
        for reason in skips_of(case)
        if not any(word in reason for word in args.may_skip)
    ]
    sys.stderr.writelines(f"error: skipped: {line}\n" for line in skipped)
    if not looked_at:
        sys.stderr.write(f"error: none of {len(cases)} tests has {args.ran!r} in its name\n")
    print(f"{args.report.name}: {len(looked_at)} tests {args.ran}: {len(skipped)} skipped unasked")
    return 1 if skipped or not looked_at else 0


def name_of(case: ET.Element) -> str:
    """Return module, class and name of one test."""
    return f"{case.get('classname')}.{case.get('name')}"


def skips_of(case: ET.Element) -> list[str]:
    """Return why the test was skipped; empty when it ran (or failed as expected)."""
    skips = [skip for skip in case.iter("skipped") if skip.get("type") != "pytest.xfail"]
    return [f"{skip.get('message')} {skip.text or ''}" for skip in skips]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))  # noqa: TID251 (this is where the process ends)
