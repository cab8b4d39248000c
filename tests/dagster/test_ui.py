"""What a person does: `storyarn dev`, Dagster's UI in a browser, one export, Ctrl-C."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "test-output"
JOB, PARTITION, SLUG = "export_storyarn", "the-tide-clock.1", "the-tide-clock"
GROUPS = ("collect", JOB)

START_SECONDS, STOP_SECONDS = 120.0, 30.0
PAGE_MILLISECONDS, RUN_MILLISECONDS = 60_000, 90_000
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RUN_QUERY = """
query Run($id: ID!) {
  runOrError(runId: $id) { ... on Run { status jobName tags { key value } } }
}
"""

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_local = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Program:
    """A running `storyarn dev`."""

    home: Path
    url: str
    process: subprocess.Popen[bytes]

    def output(self) -> str:
        """What it has printed so far."""
        return (self.home / "output.txt").read_text(encoding="utf-8", errors="replace")

    def family(self) -> list[psutil.Process]:
        """Its descendants and its PostgreSQL, which is nobody's child."""
        found = [psutil.Process(self.process.pid), *_naming(self.home)]
        for root in tuple(found):
            with suppress(psutil.NoSuchProcess):
                found += root.children(recursive=True)
        return found


def _naming(home: Path) -> list[psutil.Process]:
    """The processes whose command line names a place in this directory."""
    found = psutil.process_iter(["cmdline"])
    return [x for x in found if any(str(home) in word for word in x.info["cmdline"] or ())]


@pytest.fixture
def chromium() -> str:
    """The path of Debian's Chromium; without it there is no browser test."""
    path = shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).is_file():
        pytest.skip("DAGSTER'S UI IS NOT TESTED: no Chromium here; `apt-get install chromium`")
    return path


@pytest.fixture
def program(tmp_path: Path, chromium: str) -> Iterator[Program]:
    """`storyarn dev` in a directory of its own, ready to answer."""
    for name in ("dagster.yaml", "workspace.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    port = _free_port()
    with (tmp_path / "output.txt").open("wb") as output, _interruptible():
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("storyarn")), "dev", "--port", str(port)],
            cwd=tmp_path,
            env=_environment(tmp_path),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running = Program(tmp_path, f"http://127.0.0.1:{port}", process)
    try:
        _wait_until_ready(running)
        yield running
    finally:
        _end_by_force(running)


def _environment(home: Path) -> dict[str, str]:
    ours = ("STORYARN_", "DAGSTER_")
    outside = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**outside, "STORYARN_HOME": str(home / ".storyarn"), "DAGSTER_HOME": str(home)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _interruptible() -> Iterator[None]:
    """A shell's background job ignores SIGINT, and so would what is started here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _wait_until_ready(program: Program) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), _local.open(f"{program.url}/server_info", timeout=5):
            return
        with suppress(subprocess.TimeoutExpired):
            code = program.process.wait(0.2)
            pytest.fail(f"storyarn dev ended with exit code {code}:\n{program.output()}")
    pytest.fail(f"storyarn dev does not answer after {START_SECONDS} s:\n{program.output()}")


def _end_by_force(program: Program) -> None:
    """After a failure, leave nothing running; after a success there is nothing."""
    if program.process.poll() is None:
        for process in program.family():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        program.process.wait()


@pytest.fixture
def page(program: Program, chromium: str) -> Iterator[Page]:
    """The UI's first page in a headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PAGE_MILLISECONDS)
        page.on("console", _print_errors)
        # Dagster greets its new users with a dialog, at a moment of its choice.
        page.add_locator_handler(page.get_by_role("button", name="Skip"), Locator.click)
        page.goto(program.url)
        yield page
        browser.close()


def _print_errors(message: ConsoleMessage) -> None:
    if message.type == "error" and "net::ERR_" not in message.text:
        print(f"browser console: {message.text}")


def _link(page: Page, text: str) -> Locator:
    """A link by its whole text; Dagster's icons are part of the accessible names."""
    return page.get_by_role("link").filter(has_text=re.compile(f"^{text}$"))


def _picture(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png")


def _see_the_graph(page: Page) -> None:
    _link(page, "Lineage").click()
    for group in GROUPS:
        in_list = page.get_by_role("button").filter(has_text=group).first
        expect(in_list).to_be_visible(timeout=PAGE_MILLISECONDS)
        in_graph = page.locator("svg").get_by_text(group, exact=True).first
        expect(in_graph).to_be_visible(timeout=PAGE_MILLISECONDS)
    expect(page.get_by_text("fetching statuses")).to_have_count(0, timeout=PAGE_MILLISECONDS)
    _picture(page, "graph")


def _launch_the_export(page: Page) -> None:
    _link(page, "Jobs").click()
    _link(page, JOB).click()
    page.get_by_role("button", name="Materialize all").click()
    dialog = page.get_by_role("dialog").filter(has_text="Launch runs to materialize")
    dialog.get_by_text("Select a partition").click()
    page.get_by_role("menuitem", name=PARTITION).click()
    dialog.get_by_text("Launch runs to materialize").click()  # closes the list of partitions
    launch = dialog.get_by_role("button", name="Launch 1 run")
    expect(launch).to_be_enabled(timeout=PAGE_MILLISECONDS)
    _picture(page, "launch")
    launch.click()
    expect(dialog).to_be_hidden(timeout=PAGE_MILLISECONDS)


def _see_the_run_succeed(page: Page) -> str:
    """The id of the job's only run."""
    page.get_by_role("tab", name="Runs").click()
    _link(page, "[0-9a-f]{8}").click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}"))
    expect(page.get_by_text("Success", exact=True)).to_be_visible(timeout=RUN_MILLISECONDS)
    expect(page.get_by_text("Errored (0)")).to_be_visible(timeout=PAGE_MILLISECONDS)
    _picture(page, "run")
    return re.split(r"[/?#]", page.url.split("/runs/")[1])[0]


def _run(program: Program, run_id: str) -> dict[str, Any]:
    """What Dagster's API says about a run."""
    body = json.dumps({"query": RUN_QUERY, "variables": {"id": run_id}}).encode()
    request = urllib.request.Request(
        f"{program.url}/graphql", body, {"Content-Type": "application/json"}
    )
    with _local.open(request, timeout=30) as answer:
        run: dict[str, Any] = json.load(answer)["data"]["runOrError"]
        return run


def _exported(program: Program) -> list[Path]:
    exports = program.home / ".storyarn" / "storage" / "exports"
    return [path for path in exports.rglob("*") if path.is_file()]


def _programs(program: Program) -> set[str]:
    """The names of the programs that run, without their interpreter's."""
    names = set()
    for process in program.family():
        with suppress(psutil.NoSuchProcess):
            names |= {Path(word).name for word in process.cmdline()[:2]}
    return names


def _interrupt(program: Program) -> tuple[int, list[psutil.Process]]:
    """Press Ctrl-C: the exit code, and the processes that are left when the time is up."""
    family = program.family()
    deadline = time.monotonic() + STOP_SECONDS
    program.process.send_signal(signal.SIGINT)
    code = program.process.wait(STOP_SECONDS)
    _, left = psutil.wait_procs(family, timeout=max(0.0, deadline - time.monotonic()))
    return code, [process for process in left if _runs(process)]


def _runs(process: psutil.Process) -> bool:
    """A zombie has ended; a container without an init keeps its entry."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def test_an_export_launched_in_the_ui_lands_in_the_store_and_ctrl_c_ends_everything(
    program: Program, page: Page
) -> None:
    _see_the_graph(page)
    _launch_the_export(page)
    run = _run(program, _see_the_run_succeed(page))
    assert (run["status"], run["jobName"]) == ("SUCCESS", JOB)
    assert {"key": "dagster/partition", "value": PARTITION} in run["tags"]

    [file] = _exported(program)
    assert file.name == f"{SLUG}-storyarn.json"
    assert json.loads(file.read_bytes())["project"]["slug"] == SLUG

    assert {"postgres", "dagster-webserver", "dagster-daemon"} <= _programs(program)
    code, left = _interrupt(program)
    assert code in (0, 130), program.output()
    assert left == [], program.output()
