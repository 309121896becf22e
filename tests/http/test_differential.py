"""This server against other parsers of HTTP/1.1 (tests/http/differential).

It fails where this server accepts what all others refuse, or frames a request
as no other does: each is a way to smuggle a request past one of two.
"""

import importlib.util
import shutil
import time
from collections import Counter, defaultdict

import pytest

from differential import compare, corpus, engines, wanted

MUTATIONS = 3000


def show(i, kind, data, results):
    said = "\n".join(
        f"    {name:6} {r.end:8} "
        + ", ".join(f"{e.method} {e.target[:60]} ({e.length})"
                    + ("" if e.ok else " error")
                    for e in r.entries)
        for name, r in results.items())
    return f"{kind} {i}: {data[:700]!r}\n{said}"


def result(end, *targets, ok=True):
    return engines.Result([engines.Entry("GET", t, 0, ok) for t in targets],
                          end)


@pytest.mark.parametrize("own, others, expected", [
    (result("idle", "/a"), [result("refused")] * 2, compare.ACCEPTED_ALONE),
    (result("idle", "/a", "/b"), [result("idle", "/a", "/c")],
     compare.FRAMED_ALONE),
    (result("idle", "/a", "/b"), [result("idle", "/a"), result("refused")],
     compare.FRAMED_ALONE),
    (result("waits", "/a"), [result("idle", "/a", "/b")],
     compare.FRAMED_ALONE),
    (result("idle", "/a"), [result("waits")], compare.FRAMED_ALONE),
    (result("refused"), [result("idle", "/a"), result("refused")],
     compare.STRICTER),
    (result("idle", "/a", ok=False), [result("idle", "/a")],
     compare.STRICTER),
    (result("idle", "/a"), [result("idle", "/a"), result("refused")],
     compare.DIFFER),
    (result("idle", "/a", "/b"), [result("closed", "/a")], compare.AGREE),
    (result("refused", "/a"), [result("refused", "/a")], compare.AGREE),
])
def test_the_verdict(own, others, expected):
    named = dict(enumerate(others))
    assert compare.verdict(own, named)[0] == expected


def run_all(cases, start, folder):
    """{engine: results}; this server is "ours"."""
    results = {"ours": engines.ours(cases, start)}
    if shutil.which("node"):
        results["node"] = engines.node(cases)
    if importlib.util.find_spec("h11"):
        results["h11"] = engines.h11(cases)
    if engines.nginx_program():
        results["nginx"] = engines.nginx(cases, folder)
    return results


def judge(named, results):
    """(the counts by kind, the faults as text, how often each wanted
    difference was met)"""
    counted, faults, met = defaultdict(Counter), [], Counter()
    for i, (kind, data) in enumerate(named):
        said = {name: rows[i] for name, rows in results.items()}
        others = {name: r for name, r in said.items() if name != "ours"}
        found, where, who = compare.verdict(said["ours"], others)
        if found in compare.FAULTS:
            reason = wanted.find(data, said["ours"], where, who)
            if reason:
                met[reason] += 1
                found = compare.WANTED
            else:
                faults.append(found + "\n" + show(i, kind, data, said))
        elif found == compare.AGREE and compare.lengths_differ(others):
            found = compare.DIFFER
        counted[kind][found] += 1
    return counted, faults, met


def test_no_request_is_framed_as_by_no_other_parser(start, tmp_path, capsys):
    named = [*corpus.written(), *corpus.mutated(MUTATIONS)]
    began = time.monotonic()
    results = run_all([data for _, data in named], start, tmp_path)
    if len(results) < 3:
        pytest.skip("fewer than two of node, python3-h11, nginx installed")
    counted, faults, met = judge(named, results)
    with capsys.disabled():
        print(f"\n{', '.join(results)}: {time.monotonic() - began:.1f} s\n"
              + compare.table(counted))
        for reason, n in met.items():
            print(f"wanted, {n} times: {reason}")
    assert not faults, f"{len(faults)} of {len(named)}\n" + "\n".join(faults)
    if len(results) == 4:
        assert set(met) == set(wanted.WANTED), "a row that nothing needs"
