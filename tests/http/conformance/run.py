"""Run the table against a server at an address: `run ADDRESS:PORT`, from
tests/http as `python3 -m conformance.run`; it must serve what folder.py
makes.  With a folder as only argument, make the files there."""

import sys
from pathlib import Path

from .case import At
from .cases import CASES


def main():
    if len(sys.argv) == 2 and ":" not in sys.argv[1]:
        from .folder import fill
        print(fill(Path(sys.argv[1])))
        return 0
    host, _, port = sys.argv[1].rpartition(":")
    at = At(int(port), host)
    wrong = 0
    for case in CASES:
        if len(sys.argv) > 2 and not case.id.startswith(sys.argv[2]):
            continue
        fault = case.fault(at)
        if fault:
            wrong += 1
            print(f"{case.id:32} {case.section:12} {case.level:10} {fault}")
    print(f"{len(CASES)} cases, {wrong} not met")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
