"""Medians, ratios, the tables, and where results are kept."""
import datetime
import json
import os
import platform
import statistics

from peers import BUILD, TOP

RESULTS = os.path.join(BUILD, "results.json")
DISTURBED = 0.1    # of the server's CPU, had by others
INSTRUCTIONS = os.path.join(TOP, "tests", "bench", "instructions.json")
RECORD = os.path.join(TOP, "tests", "bench", "RESULTS.md")
README = os.path.join(TOP, "README.md")
README_MARKS = ("<!-- by make bench RECORD=1 -->", "<!-- until here -->")


def machine():
    model = "unknown CPU"
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {"cpu": model, "cpus": os.cpu_count(),
            "kernel": platform.release(),
            "load_before": os.getloadavg()[0],
            "date": datetime.date.today().isoformat()}


def quiet(groups):
    """Without those in which another program had much of the server's CPU,
    unless that leaves none: it empties the caches, and CPU time grows.

    groups: tuples of runs that belong together."""
    undisturbed = [g for g in groups
                   if all((r.get("others") or 0) <= DISTURBED for r in g)]
    return undisturbed or groups


def median(runs, key):
    # wrk says 0 us where it has lost its latencies
    values = [r[key] for r, in quiet([(r,) for r in runs if r and r.get(key)])]
    return statistics.median(values) if values else None


def ratio(runs, others, key="cpu_us"):
    """Median of the rounds' ratios: two runs of one round are neighbours in
    time, so that what slows the machine slows both."""
    pairs = quiet([(r, o) for r, o in zip(runs, others) if r and o])
    return statistics.median(r[key] / o[key] for r, o in pairs) \
        if pairs else None


def summarise(runs, kinds):
    """What the rounds of one work say of each server.

    runs: {name: [figures or None for each round]}; kinds: {name: "ours",
    "floor" or "peer"}.
    """
    rows = {n: {k: median(r, k) for k in
                ("cpu_us", "rps", "busy", "others", "p50_us", "p99_us")}
            for n, r in runs.items()}
    done = [n for n in rows if rows[n]["cpu_us"] is not None]
    rivals = [n for n in done if kinds[n] == "peer"]
    best = min(rivals, key=lambda n: rows[n]["cpu_us"], default=None)
    for name in done:
        row, mine = rows[name], runs[name]
        if "floor" in done:
            row["of_floor"] = ratio(mine, runs["floor"])
        if best:
            row["of_best"] = ratio(mine, runs[best])
        if kinds[name] == "ours" and name != "ours" and "ours" in done:
            row["of_plain"] = ratio(mine, runs["ours"])
        row["threads"] = {
            t: statistics.median(r["threads"].get(t, 0) for r in mine if r)
            for t in next(r for r in mine if r)["threads"]}
        row["errors"] = sorted({e for r in mine if r for e in r["errors"]})
    return {"best": best, "servers": rows}


def number(value, digits=2):
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{digits if value < 100 else 0}f}"


def columns(head, rows):
    """Rows as a Markdown table, which is aligned for reading as it is."""
    cells = [head, *rows]
    widths = [max(len(r[i]) for r in cells) for i in range(len(head))]

    def line(row):
        first = row[0].ljust(widths[0])
        return " | ".join([first] + [c.rjust(w) for c, w in
                                     zip(row[1:], widths[1:])])

    rule = ["-" * widths[0]] + ["-" * (w - 1) + ":" for w in widths[1:]]
    return ["| " + line(r) + " |" for r in [head, rule, *rows]]


def work_table(work):
    """One work: a row for each server, the best first, then its errors."""
    rows, notes = [], []
    order = sorted(work["servers"].items(),
                   key=lambda item: item[1]["cpu_us"] or float("inf"))
    for name, r in order:
        rows.append([name, number(r["cpu_us"]), number(r.get("of_floor")),
                     number(r.get("of_best")), number(r["rps"]),
                     number(r["p50_us"], 0), number(r["p99_us"], 0),
                     number((r["busy"] or 0) * 100, 0),
                     number((r["others"] or 0) * 100, 0)])
        notes += [f"ERROR {name}: {e}" for e in r.get("errors", [])]
        if r["cpu_us"] is None:
            notes.append(f"ERROR {name}: no result")
    head = ["server", "CPU us/request", "x floor", "x best peer",
            "requests/s", "p50 us", "p99 us", "CPU %",
            "others %"]
    return columns(head, rows) + ([""] if notes else []) + notes


def http_summary(section):
    """Ours against the floor and the best peer, a row for each work."""
    rows = []
    for work in section["works"]:
        mine = work["servers"].get("ours", {})
        if mine.get("cpu_us") is None:
            continue

        def extra(name):
            value = work["servers"].get(name, {}).get("of_plain")
            return "-" if value is None else f"{(value - 1) * 100:+.1f} %"

        best = work["servers"].get(work["best"], {})
        rows.append([work["title"], number(mine["cpu_us"]),
                     number(mine.get("of_floor")),
                     number(mine.get("of_best")),
                     f"{work['best'] or ''} {number(best.get('cpu_us'))}",
                     extra("ours+log"), extra("ours+console")])
    return columns(["work", "ours, CPU us", "x floor", "x best peer",
                    "best peer", "with log", "with console and log"], rows)


def disturbed(section):
    """How many of all runs, in words."""
    runs = [r for work in section["runs"].values()
            for of_server in work.values() for r in of_server if r]
    many = sum((r.get("others") or 0) > DISTURBED for r in runs)
    return f"{many} of {len(runs)} runs"


def http_text(section):
    lines = ["## CPU time per request", "",
             f"{section['rounds']} interleaved round(s) of "
             f"{section['seconds']} s a run; medians.  Server on CPU "
             f"{section['server_cpu']}, wrk on CPU {section['client_cpu']}.",
             "CPU %: of its CPU, the server's; others %: what else ran there.  "
             f"Runs with more than {DISTURBED * 100:.0f} % of others are left "
             f"out ({disturbed(section)})",
             "where there are better ones; where there are none, the figures "
             "are doubtful.  x: the median of",
             "the rounds' ratios, each of two runs that are neighbours in "
             "time; the medians beside it may be of other rounds.",
             ""] + http_summary(section)
    for work in section["works"]:
        lines += ["", f"### {work['title']}", "", *work_table(work)]
    return lines


def idle_text(section):
    n = f"{section['connections']:,}"
    most = section.get("many")
    last = ["", f"{most['held']:,} idle connections of {most['wanted']:,}"
            + (f" ({most['reason']})" if most["reason"] else "")
            + f", ours+console: it shows {most['shown']}, CPU "
            f"{most['idle_cpu_percent']:.2f} % (" + ", ".join(
                f"{n} {ns / 1e6:.0f} ms" for n, ns in sorted(
                    most["threads"].items(), key=lambda i: -i[1]) if ns > 5e5)
            + f" in {most['seconds']} s)."] if most else []
    rows = [[name, number(r.get("start_ms")), number(r.get("start_rss_kib")),
             number(r.get("start_pss_kib")), number(r.get("held"), 0),
             number(r.get("grown_bytes")), number(r.get("all_bytes")),
             number(r.get("idle_cpu_percent"))]
            for name, r in section["servers"].items()]
    head = ["server", "first answer ms", "RSS KiB", "PSS KiB", "held",
            "grown B/conn", "all B/conn", "idle CPU %"]
    notes = [f"ERROR {name}: {e}" for name, r in section["servers"].items()
             for e in r.get("errors", [])]
    return ["## Start, memory, idle connections", "",
            f"Median of {section['starts']} starts; RSS and PSS after the "
            f"first answer, as configured by default.  Then {n} kept-alive",
            "connections, one request each, held: memory of its own (PSS of "
            "anonymous pages) grown since none was open, and in",
            "all over the same server configured for 64 connections (ours: "
            "with a history of 1 MiB, filled before).", "",
            *columns(head, rows), *last, *([""] + notes if notes else [])]


def listing_text(section):
    rows = [[name, *(number(r.get(k)) for k in (
        "first_ms", "all_ms", "busy_first_ms", "p99_us", "p99_during_us",
        "rps", "rps_during"))] for name, r in section["servers"].items()]
    head = ["server", "first byte ms", "last byte ms", "first byte, loaded",
            "p99 us of others", "p99 us meanwhile", "requests/s",
            "requests/s meanwhile"]
    notes = [f"ERROR {name}: {e}" for name, r in section["servers"].items()
             for e in r.get("errors", [])]
    return [f"## Listing of {section['files']:,} files", "",
            "Others: 8 connections that fetch 1 KiB, without listings and "
            "while one listing follows the other,", "all of the server on one "
            "CPU.", "", *columns(head, rows),
            *([""] + notes if notes else [])]


POOL = {"1": "1 worker", "2": "2 workers",
        "apart": "2 processes of 1, headless"}


def pool_text(section):
    rows = [[POOL[n], number(median(r, "cpu_us")),
             number(1e6 / median(r, "cpu_us"), 0), number(median(r, "rps")),
             number(median(r, "p99_us"), 0)]
            for n, r in section["runs"].items()]
    head = ["ours+console", "CPU us/request", "requests per CPU second",
            "requests/s", "p99 us"]
    notes = sorted({f"ERROR: {e}" for r in section["runs"].values()
                    for run in r for e in run["errors"]})
    threads = [r["threads"] for r in section["runs"]["2"] if r]
    first, second = (sum(t.get(f"worker-{i}", 0) for t in threads)
                     for i in (0, 1))
    notes = ["", f"Of the two workers' CPU time the first had "
             f"{first * 100 / ((first + second) or 1):.0f} %.", *notes]
    if section.get("apart"):
        notes = ["", "CPU per request of two workers, times that of two "
                 "processes that share nothing: "
                 f"{section['apart']:.2f}.", *notes]
    return ["## Two workers against one", "",
            f"{section['rounds']} interleaved rounds; server on CPUs "
            f"{section['places'][0]}, wrk on {section['places'][1]}.", "",
            *columns(head, rows), "",
            f"Requests per CPU second kept: {section['kept'] * 100:.1f} %.",
            *notes]


def load_results():
    try:
        with open(RESULTS) as f:
            return json.load(f)
    except (OSError, ValueError):
        return {}


def save(name, section):
    """Puts one section into results.json, beside what other scripts put."""
    everything = load_results()
    everything[name] = section
    with open(RESULTS, "w") as f:
        json.dump(everything, f, indent=1)
        f.write("\n")
    return everything


def origin(section):
    m = section["machine"]
    kind = "quick run" if section["quick"] else "full run"
    lines = [f"{m['date']}, {kind}; {m['cpus']} x {m['cpu']}, Linux "
             f"{m['kernel']}; load average before: {m['load_before']:.2f}."]
    return lines + [""] + [f"- {n}: {v}" for n, v in
                           section["versions"].items() if v]


def instructions_text():
    """What instructions.json has, which `make instructions` writes."""
    try:
        with open(INSTRUCTIONS) as f:
            kept = json.load(f)
    except (OSError, ValueError):
        return []
    rows = [[key, number(value)] for key, value in kept["figures"].items()]
    return ["## Instructions of a request", "",
            "User instructions of the worker, headless with log, by "
            "callgrind (`make instructions`).", "",
            *columns(["work", "instructions"], rows), "",
            *(f"- {k}: {v}" for k, v in kept.items() if k != "figures"), ""]


def readme_rows(section):
    """What README.md shows: the floor's CPU time, and how many times that the
    servers need.  Works without a floor are left out."""
    who = ("ours+console", "lighttpd", "h2o", "nginx+cache")
    head = ["times the yardstick's CPU time", "yardstick", "httpconsole",
            "lighttpd", "h2o", "nginx+cache"]
    rows = []
    for work in section["works"]:
        seen = work["servers"]
        if seen.get("floor", {}).get("cpu_us") is None:
            continue
        rows.append([work["title"], number(seen["floor"]["cpu_us"], 1) + " us",
                     *(number(seen.get(n, {}).get("of_floor")) for n in who)])
    return columns(head, rows)


def record_readme(section):
    """Puts the table between its marks in README.md."""
    with open(README) as f:
        before, mark, rest = f.read().partition(README_MARKS[0] + "\n")
    _, end, after = rest.partition(README_MARKS[1])
    if mark and end:
        with open(README, "w") as f:
            f.write(before + mark + "\n".join(readme_rows(section)) + "\n"
                    + end + after)


def record(everything):
    """Writes RESULTS.md from all sections that results.json has, and the table
    of README.md."""
    import targets    # which makes its table with ours

    lines = ["# Results of the benchmarks", "",
             "Written by `make bench RECORD=1`.  The floor answers each read "
             "with one fixed write: no parsing, no files",
             "(floor.c).  Ratios hold for one run on one machine; absolute "
             "figures do not travel.", "", *targets.text(everything), ""]
    for name, text in (("http", http_text), ("idle", idle_text),
                       ("listing", listing_text), ("pool", pool_text)):
        if name in everything:
            section = everything[name]
            lines += [*text(section), "", *origin(section), ""]
    if "http" in everything:
        record_readme(everything["http"])
    lines += instructions_text()
    with open(RECORD, "w") as f:
        f.write("\n".join(lines).rstrip() + "\n")
