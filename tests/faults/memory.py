"""Each allocation fails once at the start; none is made by workers later."""

import concurrent.futures
import re
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from harness import (ASAN, HERE, MESSAGE, PROGRAM, Ended, Server,
                     exercise, fault, folder, hello, need, need_plain,
                     serving, write_config)
from conftest import environment

LEAKS = "verify_asan_link_order=0:abort_on_error=1:detect_leaks=1:fast_unwind_on_malloc=0"
STEPS = 60   # sizes of memory between none and enough


def shim(into):
    need("cc")
    path = into / "failing_malloc.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-fno-builtin", "-o",
                    path, HERE / "failing_malloc.c", "-ldl"], check=True)
    return path


def environment_of(so, program, **more):
    env = {"LD_PRELOAD": str(so), **{k: str(v) for k, v in more.items()}}
    if program == ASAN:
        # the leak checker's thread and the tracer of it work under a preload
        env["ASAN_OPTIONS"] = LEAKS
    return env


def start_once(so, program, k):
    """The server whose k-th allocation fails: "refused" or "served"."""
    with folder() as top:
        config = write_config(top, workers=1,
                              log=f"{{access: {top}/access.log}}",
                              headers="[{match: '*.x', set: {X-A: b}}]",
                              redirects="[{from: /a/*, to: /b/:1}]",
                              hosts="[example.test]",
                              sandbox="{mode: off}")
        s = Server(None, base=["--headless", "-c", str(config)],
                   program=program, banner=False,
                   env=environment_of(so, program, FAIL_AT=k))
        try:
            try:
                s.err.wait(lambda ls: any("Serving" in x for x in ls), 15)
            except AssertionError:
                return refused(s, k)
            s.read_banner()
            try:
                hello(s.port)
            except (Ended, OSError) as e:
                time.sleep(0.3)
                s.assert_alive()
                raise AssertionError(
                    f"allocation {k}: {e!r}\n{s.err.lines}") from None
            s.notify(signal.SIGTERM)
            s.wait_end(deadline=8)
            return "served"
        finally:
            if s.process.poll() is None:
                s.process.kill()


def refused(s, k):
    try:
        status = s.process.wait(5)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"allocation {k}: neither starts nor ends") \
            from None
    s.err.thread.join(5)
    text = "\n".join(s.err.lines)
    assert status in (1, 2, 78), f"allocation {k}: status {status}\n{text[:900]}"
    assert "Sanitizer" not in text, f"allocation {k}: {text[:900]}"
    assert MESSAGE.search(text), f"allocation {k}: no message: {text!r}"
    return "refused"


def allocations(so, program):
    """How many are made from the first to the end of a plain start."""
    with tempfile.TemporaryDirectory() as d, folder() as top:
        config = write_config(top, workers=1,
                              log=f"{{access: {top}/access.log}}",
                              headers="[{match: '*.x', set: {X-A: b}}]",
                              redirects="[{from: /a/*, to: /b/:1}]",
                              hosts="[example.test]",
                              sandbox="{mode: off}")
        count = Path(d) / "count"
        s = Server(None, base=["--headless", "-c", str(config)],
                   program=program,
                   env=environment_of(so, program, FAIL_COUNT=count))
        s.notify(signal.SIGTERM)
        s.wait_end(deadline=8)
        return int(count.read_text())


# Without the sandbox: libseccomp makes some 1,600 allocations, and at many of
# them it crashes or leaves a call out of the filter when they fail.
@fault("LD_PRELOAD: the k-th malloc, calloc or realloc returns NULL, for every "
       "k (sandbox off; again in the sanitizers' build)",
       "it serves, or ends with status 1, 2 or 78 and a message; no crash, no "
       "leak")
def each_allocation_fails_at_the_start():
    with tempfile.TemporaryDirectory() as d:
        so = shim(Path(d))
        plain = each_fails(so, PROGRAM)
        checked = each_fails(so, ASAN) if ASAN else None
    text = ", ".join(f"{v} {k}" for k, v in sorted(plain.items()))
    if checked:
        text += f"; with the leak checker {sum(checked.values())}"
    return text


def each_fails(so, program):
    """{what became of it: how often}, over all allocations."""
    n = allocations(so, program)
    wrong, counts = [], {}

    def one(k):
        try:
            return start_once(so, program, k), None
        except AssertionError as e:
            # threads of the sanitizers do not do without; glibc leaks a name
            if ("sanitizer_linux_libcdep" in str(e)
                    or "_nl_normalize_codeset" in str(e)):
                return "of the sanitizer", None
            return None, f"allocation {k}: {e}"

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for what, why in pool.map(one, range(1, n + 1)):
            if why:
                wrong.append(why)
            else:
                counts[what] = counts.get(what, 0) + 1
    assert not wrong, (f"{program}: {len(wrong)} of {n}:\n"
                       + "\n".join(wrong[:40]))
    return counts


@fault("LD_PRELOAD: an allocation in a worker's thread aborts, while one of "
       "everything is asked for", "no allocation at all", short=True)
def workers_allocate_nothing():
    need_plain()
    with tempfile.TemporaryDirectory() as d, folder() as top:
        so = shim(Path(d))
        with serving(top, workers=2, program=PROGRAM,
                     env={"LD_PRELOAD": str(so), "FAIL_WORKERS": "1"}) as s:
            for _ in range(5):
                exercise(s, top / "site")
            hello(s.port)
    return "0 allocations in 65 requests of 11 kinds"


def limited(program, kib, *args):
    """The program with so much room for addresses, until it has said whether
    it serves: (status, what it said); it is then told to end."""
    s = subprocess.Popen(
        ["prlimit", f"--as={kib << 10}", program, "--no-config", *args],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env=environment({}))
    late = threading.Timer(15, s.kill)
    late.start()
    text = ""
    for line in s.stderr:
        text += line.decode()
        if "Serving" in text:
            s.terminate()
    s.stderr.close()
    status = s.wait()
    late.cancel()
    return status, text


def least(works, low, high):
    """The smallest of the numbers for which that is true, by halving."""
    while high - low > 4:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return high


@fault("prlimit --as: sizes from what the dynamic linker needs for itself to "
       "what the server needs, and every size at which it says something else",
       "it ends with status 1 and a message that speaks of memory; no crash, "
       "no hang", short=True)
def too_little_memory_at_the_start():
    need("prlimit")
    need_plain()
    found = {}
    with folder() as top:
        args = ("--headless", "-p", "0", "-w", "1", top / "site")

        def at(kib):
            if kib not in found:
                found[kib] = limited(PROGRAM, kib, *args)
            return found[kib]

        low = least(lambda k: limited(PROGRAM, k, "--version")[0] == 0,
                    1000, 1 << 20)
        high = least(lambda k: at(k)[0] == 0, low, 4 << 20)
        sizes = [low + (high - low) * i // STEPS for i in range(STEPS + 1)]
        for a, b in zip(sizes, sizes[1:]):
            if at(a) != at(b):
                least(lambda k: at(k) == at(b), a, b)
    for kib, (status, text) in sorted(found.items()):
        served = status == 0 and "Serving" in text
        assert served or status == 1 and MESSAGE.search(text) \
            and re.search("memory", text), f"{kib} KiB: {status}, {text!r}"
    texts = {text for _, text in found.values() if "Serving" not in text}
    return (f"{len(found)} sizes from {low} KiB on, {len(texts)} messages; "
            f"serves with {high} KiB")
