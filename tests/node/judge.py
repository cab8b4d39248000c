"""The real ink and articy-js in one Node process, which is asked by JSON lines."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fasteners
import pytest

HERE = Path(__file__).parent
TOOLS = HERE.parents[1] / ".storyarn-tools"


class Judge:
    """One running Node process; see ``judge.cjs`` for what it is asked and answers."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, engine: str, **request: Any) -> dict[str, Any]:
        """One question, one answer."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"engine": engine, **request}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"Node ended with {self._process.wait()}"
        found: dict[str, Any] = json.loads(answer)
        return found


@contextmanager
def running_judge() -> Iterator[Judge]:
    """Install the locked packages where that is not done yet, and run the judge."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node.js or npm is missing: ink and expresso are NOT compared with the engines")
    home = _installed(npm)
    with subprocess.Popen(
        [node, HERE / "judge.cjs"], cwd=home, text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield Judge(process)
        finally:
            process.kill()


def _installed(npm: str) -> Path:
    """A directory with the packages of the lock file, made once for all processes."""
    lock = HERE / "package-lock.json"
    home = TOOLS / f"node-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    done = home / "done"
    TOOLS.mkdir(exist_ok=True)
    with fasteners.InterProcessLock(TOOLS / "node.lock"):
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, home)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=home, check=True, capture_output=True)
            done.touch()
    return home
