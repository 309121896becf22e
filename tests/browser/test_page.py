"""The test page in www, run by headless Chromium.

HTTPCONSOLE   the program to start; default ./httpconsole at the project's root
BASE_URL      a server that runs already (its laboratory on), instead of it
BASE_URL_OFF  the same with its laboratory off
"""

import os
import re
import signal
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("HTTPCONSOLE", str(ROOT / "httpconsole"))
WWW = ROOT / "www"
BANNER = re.compile(r"Serving (\S+) at (http://127\.0\.0\.1:\d+)/")
DEADLINE = 60  # s, for a whole run of the page

STEPS = ["get", "image", "head", "bad-request", "not-found", "method",
         "modified", "etag", "keep-alive", "close", "browser"]
SEEN_BY_SCRIPT = {"get", "image", "not-found", "method", "browser"}


class Server:
    """The program on a free port, its address read from the banner."""

    def __init__(self, folder, **environment):
        self.lines = []
        self.url = None
        self.found = threading.Event()
        self.process = subprocess.Popen(
            [PROGRAM, "--headless", "--no-config", "-p", "0", str(folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **environment})
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.found.wait(DEADLINE)
        if self.url is None:
            self.process.kill()
            pytest.fail("no banner: " + "".join(self.lines))

    def read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            match = BANNER.search(line)
            if match and self.url is None:
                self.folder, self.url = match.groups()
                self.found.set()
        self.found.set()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def serve(variable, folder=WWW, **environment):
    """Yield the address of a server; one of our own must end with 0."""
    if variable and os.environ.get(variable):
        yield os.environ[variable].rstrip("/")
        return
    if variable == "BASE_URL_OFF" and os.environ.get("BASE_URL"):
        pytest.skip("BASE_URL is given, BASE_URL_OFF is not")
    server = Server(folder, **environment)
    yield server.url
    assert server.stop() == 0, "".join(server.lines)


@pytest.fixture(scope="module")
def lab():
    yield from serve("BASE_URL")


@pytest.fixture(scope="module")
def lab_off():
    yield from serve("BASE_URL_OFF", HTTPCONSOLE_LAB="false")


@pytest.fixture(scope="module")
def chromium():
    options = webdriver.ChromeOptions()
    for flag in ("headless", "no-sandbox", "disable-gpu", "disable-quic",
                 "no-first-run", "disable-background-networking",
                 "disable-component-update", "disable-sync",
                 "disable-dev-shm-usage", "window-size=1200,900"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options)
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium):
    """Chromium as a desktop with script, whatever the test before did."""
    size(chromium, 1200)
    chromium.get("about:blank")
    chromium.get_log("browser")
    yield chromium
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled",
                             {"value": False})


def size(driver, width):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1,
        "mobile": width < 600})


def state(driver):
    return driver.find_element(By.TAG_NAME, "body").get_attribute(
        "data-state")


def run_all(driver, url):
    driver.get(url + "/#run")
    WebDriverWait(driver, DEADLINE, 0.1).until(lambda d: state(d) == "done")


def section(driver, step):
    return driver.find_element(By.CSS_SELECTOR, f"[data-step='{step}']")


def verdicts(driver):
    return {s.get_attribute("data-step"): s.get_attribute("data-verdict")
            for s in driver.find_elements(
                By.CSS_SELECTOR, "section[data-step]")}


def unmet(driver):
    """What did not pass, as the page tells it: for the failure's text."""
    return [row.text for row in driver.find_elements(
        By.CSS_SELECTOR, "tr[data-check]:not([data-check=pass])")]


def totals(driver):
    body = driver.find_element(By.TAG_NAME, "body")
    return tuple(int(body.get_attribute(f"data-{name}"))
                 for name in ("passed", "failed", "skipped"))


def texts(parent, selector):
    """The text of each, hidden characters included, heads as they came."""
    return [e.get_attribute("textContent")
            for e in parent.find_elements(By.CSS_SELECTOR, selector)]


def head_lines(parent, kind):
    return [text.split("␍␊\n")[0] for text in texts(parent, "pre." + kind)]


def faults(driver):
    """Severe entries of the browser's console, but the answers 400, 404 and
    405 that the page asks for on purpose."""
    wanted = re.compile(r"status of (400|404|405) ")
    return [entry["message"] for entry in driver.get_log("browser")
            if entry["level"] == "SEVERE"
            and not (entry["source"] == "network"
                     and wanted.search(entry["message"]))]


def overflow(driver):
    return driver.execute_script(
        "const e = document.documentElement;"
        "return e.scrollWidth - e.clientWidth;")


def test_every_step_passes_with_the_raw_connection(browser, lab):
    run_all(browser, lab)
    assert browser.title == "HTTP Server Test Page"
    assert verdicts(browser) == dict.fromkeys(STEPS, "pass"), unmet(browser)
    assert totals(browser) == (len(STEPS), 0, 0)
    assert faults(browser) == []


def test_the_exchanges_are_shown_as_they_travelled(browser, lab):
    run_all(browser, lab)
    first = texts(section(browser, "get"), "pre")
    host = urlsplit(lab).netloc
    assert first[0].startswith("GET /files/hello.txt HTTP/1.1␍␊\n"
                               f"Host: {host}␍␊\n")
    assert first[0].endswith("␍␊\n␍␊\n")
    assert first[1].startswith("HTTP/1.1 200 OK␍␊\n")
    assert "␍␊\n␍␊\nHello.\n" in first[1]

    for step, field in (("modified", "If-Modified-Since: "),
                        ("etag", "If-None-Match: ")):
        part = section(browser, step)
        assert head_lines(part, "received") == [
            "HTTP/1.1 200 OK", "HTTP/1.1 304 Not Modified", "HTTP/1.1 200 OK"]
        assert sum(field in t for t in texts(part, "pre.sent")) == 2

    part = section(browser, "method")
    assert head_lines(part, "received") == [
        "HTTP/1.1 405 Method Not Allowed"]
    assert "Allow: GET, HEAD" in texts(part, "pre.received")[0]
    assert head_lines(section(browser, "not-found"), "received") == [
        "HTTP/1.1 404 Not Found"]


def test_malformed_requests_are_answered_with_the_reason(browser, lab):
    run_all(browser, lab)
    part = section(browser, "bad-request")
    assert head_lines(part, "received") == ["HTTP/1.1 400 Bad Request"] * 4
    came = texts(part, ".checks tbody td:last-child")
    for text, word in zip(came, ("Host", "LF", "colon", "%"), strict=True):
        assert text.startswith("400 Bad Request: ") and word in text
    assert "GET /files/hello.txt HTTP/1.1␊\n" in texts(part, "pre.sent")[1]


def test_head_shows_the_fields_and_no_content(browser, lab):
    run_all(browser, lab)
    part = section(browser, "head")
    assert texts(part, "pre.received")[0].endswith("␍␊\n␍␊\n")
    names = {name.lower() for name in texts(part, ".fields th")}
    assert {"date", "content-type", "content-length", "last-modified",
            "etag"} <= names


def test_keep_alive_is_one_connection_and_close_ends_it(browser, lab):
    run_all(browser, lab)
    part = section(browser, "keep-alive")
    kept = part.find_elements(By.CSS_SELECTOR, ".connection")
    assert [k.get_attribute("data-closed") for k in kept] == ["false"]
    assert len(head_lines(kept[0], "received")) == 4

    part = section(browser, "close")
    ended = part.find_elements(By.CSS_SELECTOR, ".connection")
    assert [e.get_attribute("data-closed") for e in ended] == ["true"] * 2
    assert len(texts(ended[0], "pre.sent")) == 2
    assert len(texts(ended[0], "pre.received")) == 1
    assert "closed" in texts(ended[0], ".outcome")[1]


def test_images_are_shown(browser, lab):
    run_all(browser, lab)
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('.pictures img')]"
        ".map((i) => [i.naturalWidth, i.naturalHeight]);")
    assert sizes == [[960, 600], [960, 600]]


def test_one_step_runs_from_the_keyboard(browser, lab):
    browser.get(lab + "/")
    assert set(verdicts(browser).values()) == {"not-run"}
    button = section(browser, "etag").find_element(By.CSS_SELECTOR, ".run")
    button.send_keys(Keys.ENTER)
    WebDriverWait(browser, DEADLINE, 0.1).until(lambda d: state(d) == "done")
    ran = verdicts(browser)
    assert ran.pop("etag") == "pass"
    assert set(ran.values()) == {"not-run"}
    assert browser.switch_to.active_element == button


def test_loading_the_page_asks_for_nothing_that_is_missing(browser, lab):
    browser.get(lab + "/")
    WebDriverWait(browser, DEADLINE, 0.1).until(
        lambda d: d.find_element(By.ID, "run-all").is_displayed())
    assert [e for e in browser.get_log("browser")
            if e["level"] == "SEVERE"] == []
    origins = browser.execute_script(
        "return performance.getEntriesByType('resource')"
        ".map((e) => new URL(e.name).origin);")
    assert set(origins) == {lab}


@pytest.mark.parametrize("width", [390, 360])
def test_nothing_overflows_on_a_phone(browser, lab, width):
    size(browser, width)
    browser.get(lab + "/")
    assert overflow(browser) <= 0
    run_all(browser, lab)
    for details in browser.find_elements(By.TAG_NAME, "details"):
        browser.execute_script("arguments[0].open = true;", details)
    assert overflow(browser) <= 0


def test_without_the_raw_connection_nothing_unseen_passes(browser, lab_off):
    run_all(browser, lab_off)
    assert verdicts(browser) == {
        step: "pass" if step in SEEN_BY_SCRIPT else "skipped"
        for step in STEPS}, unmet(browser)
    assert totals(browser) == (len(SEEN_BY_SCRIPT), 0,
                               len(STEPS) - len(SEEN_BY_SCRIPT))
    assert texts(browser, "pre.sent, pre.received") == []
    assert "No raw connection" in browser.find_element(By.ID, "wire").text
    for step in ("keep-alive", "close"):
        part = section(browser, step)
        assert texts(part, "tr[data-check=pass]") == []
        by_hand = part.find_element(By.CSS_SELECTOR, ".by-hand pre").text
        assert f"httpconsole probe --{step}" in by_hand
        assert lab_off + "/files/hello.txt" in by_hand
    assert faults(browser) == []


def test_without_script_the_steps_can_be_read(browser, lab):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled",
                            {"value": True})
    browser.get(lab + "/")
    assert "Without JavaScript" in browser.find_element(
        By.TAG_NAME, "noscript").text
    assert not any(b.is_displayed()
                   for b in browser.find_elements(By.TAG_NAME, "button"))
    details = section(browser, "head").find_element(
        By.CSS_SELECTOR, ".by-hand")
    details.find_element(By.TAG_NAME, "summary").click()
    assert "curl -I $SITE/files/hello.txt" in details.text


def test_the_page_works_in_a_folder_below_the_root(browser, tmp_path):
    if os.environ.get("BASE_URL"):
        pytest.skip("BASE_URL serves the page at its root")
    below = tmp_path / "a b" / "test"
    below.parent.mkdir()
    subprocess.run(["cp", "-R", str(WWW), str(below)], check=True)
    for url in serve(None, tmp_path):
        run_all(browser, url + "/a%20b/test")
        assert set(verdicts(browser).values()) == {"pass"}, unmet(browser)
