"""What was aimed at, beside what was measured.

Ours is the one with console and log on, unless a row says otherwise.  A
target that could not be measured says why; none is taken for met then.
"""
import statistics

import table

OURS, PLAIN = "ours+console", "ours"
NOISE = 1.25     # a p99 within this is taken for unharmed
KEPT = 0.95      # a second worker's requests per CPU second, likewise


class Row:
    """One line: what, the target, what was measured, whether it is met."""

    def __init__(self, what, target, measured=None, met=None, why="no run"):
        self.cells = [what, target,
                      why if measured is None else measured,
                      "not measured" if measured is None or met is None
                      else "met" if met else "MISSED"]


def runs_of(section, key, name):
    return [r for r in section["runs"].get(key, {}).get(name, []) if r]


def against(section, key, others, name=OURS):
    """{other: ratio of CPU time, ours to it}, without those that did not
    run."""
    mine = section["runs"].get(key, {}).get(name, [])
    found = {o: table.ratio(mine, section["runs"].get(key, {}).get(o, []))
             for o in others}
    return {o: r for o, r in found.items() if r is not None}


def rivals(section):
    return [n for n, kind in section["kinds"].items() if kind == "peer"]


def worst(ratios):
    """Text and value of the ratio to the best of the others."""
    if not ratios:
        return None, None
    name = max(ratios, key=ratios.get)
    return f"{ratios[name]:.2f} x {name}", ratios[name]


def floor_rows(section):
    for work in section["works"]:
        key, title = work["key"], work["title"]
        if key in ("1k", "browser", "1000", "304", "404"):
            floor = against(section, key, ["floor"]).get("floor")
            yield Row(title, "1.10 x floor",
                      floor and f"{floor:.3f} x floor",
                      floor and floor <= 1.10)
            text, ratio = worst(against(section, key, ["lighttpd", "h2o"]))
            yield Row(title, "not behind lighttpd, h2o", text,
                      ratio and ratio <= 1)


def peer_rows(section):
    wanted = {"close": (["lighttpd", "h2o"], "best of h2o, lighttpd"),
              "100k": (None, "best peer"), "1m": (None, "best peer"),
              "100m": (None, "best peer"),
              "pipelined": (["h2o"], "ahead of h2o")}
    for work in section["works"]:
        if work["key"] in wanted:
            names, target = wanted[work["key"]]
            text, ratio = worst(against(section, work["key"],
                                        names or rivals(section)))
            yield Row(work["title"], target, text, ratio and (
                ratio < 1 if work["key"] == "pipelined" else ratio <= 1))


def per_byte(section, key, like):
    """Ratio of CPU time per byte sent to that of a plain file."""
    each, plain = ([r and r | {"byte": r["cpu_us"] / r["size"]}
                    for r in section["runs"].get(k, {}).get(OURS, [])]
                   for k in (key, like))
    return table.ratio(each, plain, "byte")


def byte_rows(section):
    for key, like, title in (
            ("gzip", "gzip-like", "gzip of a 100 KiB text, kept"),
            ("gzip-file", "gzip-like", "the same, from a file beside it"),
            ("ranges", "ranges-like", "206 of three parts, 48 KiB"),
            ("ranges-3m", "ranges-3m-like", "206 of three parts, 3 MiB")):
        if key not in [w["key"] for w in section["works"]]:
            continue
        ratio = per_byte(section, key, like)
        yield Row(title, "CPU per byte of a plain file",
                  ratio and f"{ratio:.2f} x plain file",
                  ratio and ratio <= 1, "ours does not answer so")


def cost_rows(section):
    ratio = against(section, "1k", [PLAIN]).get(PLAIN)
    yield Row("console and log against neither", "at most 1.03 x",
              ratio and f"{ratio:.3f} x", ratio and ratio <= 1.03)
    all_of = sorted(filter(None, (
        against(section, w["key"], [PLAIN]).get(PLAIN)
        for w in section["works"])))
    yield Row("the same, median of all works", "at most 1.03 x",
              f"{statistics.median(all_of):.3f} x ({all_of[0]:.2f} to "
              f"{all_of[-1]:.2f})" if all_of else None,
              all_of and statistics.median(all_of) <= 1.03)
    lost = {w["key"]: sum(r["events_lost"] or 0
                          for r in runs_of(section, w["key"], OURS))
            for w in section["works"]}
    asked = any(r["events_lost"] is not None for w in lost
                for r in runs_of(section, w, OURS))
    some = ", ".join(f"{n:,} in {key}" for key, n in lost.items() if n)
    yield Row("events lost at full load", "0",
              (some or "0") if asked else None, not some)


def http_rows(section):
    for rows in (floor_rows, peer_rows, byte_rows, cost_rows):
        yield from rows(section)


def limit_row(what, target, value, unit, most, digits=1):
    return Row(what, target,
               None if value is None else f"{value:,.{digits}f} {unit}",
               None if value is None else value <= most)


def idle_rows(section):
    ours, plain = (section["servers"].get(n, {}) for n in (OURS, PLAIN))
    count = section["connections"]
    yield limit_row(f"idle connection of {count:,}", "400 bytes",
                    ours.get("all_bytes"), "bytes", 400, 0)
    yield limit_row("the same, headless without log", "400 bytes",
                    plain.get("all_bytes"), "bytes", 400, 0)
    yield limit_row("start to first answer, headless", "10 ms",
                    plain.get("start_ms"), "ms", 10)
    rss = plain.get("start_rss_kib")
    yield limit_row("resident memory at start, headless", "6 MiB",
                    rss and rss / 1024, "MiB", 6)
    many = section.get("many")
    if many:
        what = f"{many['wanted']:,} idle connections"
        enough = many["held"] >= many["wanted"]
        text = (f"{many['held']:,} held, console shows {many['shown']}, "
                f"CPU {many['idle_cpu_percent']:.2f} %")
        right = many["shown"] == many["held"] and \
            many["idle_cpu_percent"] < 1
        yield Row(what, "held, shown, CPU < 1 %",
                  text + ("" if enough else f" ({many['reason']})"),
                  right if enough or not right else None)


def listing_rows(section):
    r = section["servers"].get(OURS, {})
    what = f"listing of {section['files']:,} files"
    yield limit_row(what, "first byte in 100 ms", r.get("first_ms"), "ms",
                    100)
    pair = [r.get("p99_us"), r.get("p99_during_us")]
    yield Row("others' p99 meanwhile", f"at most {NOISE} x",
              f"{pair[0]:,} -> {pair[1]:,} us" if all(pair) else None,
              all(pair) and pair[1] <= NOISE * pair[0])


def pool_rows(section):
    yield Row("two workers against one",
              f"{KEPT * 100:.0f} % of requests per CPU s",
              f"{section['kept'] * 100:.1f} %", section["kept"] >= KEPT)
    apart = section.get("apart")  # older results have none
    yield Row("two workers against two processes", f"{2 - KEPT:.2f} x these",
              f"{apart:.2f} x" if apart else None,
              apart and apart <= 2 - KEPT)


def lines_rows(section):
    yield Row("cache lines that two workers share", "0 written in a request",
              f"{section['shared']} ({section['requests']:,} requests)",
              section["shared"] == 0)


def text(everything):
    rows = []
    for name, judge in (("http", http_rows), ("idle", idle_rows),
                        ("listing", listing_rows), ("pool", pool_rows),
                        ("lines", lines_rows)):
        if name in everything:
            rows += [row.cells for row in judge(everything[name])]
    met = sum(r[3] == "met" for r in rows)
    return ["## Targets", "", f"{met} of {len(rows)} met.  Ours with console "
            "and log on, unless said otherwise; CPU time per request.", "",
            *table.columns(["work", "target", "measured", ""], rows)]
