"""The real Godot with the real Dialogic, in a project of its own."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_PLAYER = Path(__file__).with_name("player.gd")
_SCENE = """[gd_scene load_steps=2 format=3]
[ext_resource type="Script" path="res://_test/player.gd" id="1"]
[node name="Player" type="Node"]
script = ExtResource("1")
"""
_MORE = """
[application]

run/main_scene="res://_test/player.tscn"

[rendering]

renderer/rendering_method="gl_compatibility"
renderer/rendering_method.mobile="gl_compatibility"
"""
_IN_ROOT = (
    'mount -t proc proc "$1/proc" && cd / && '
    'exec chroot "$1" /usr/bin/env -i HOME=/root PATH=/usr/bin:/bin LANG=C.UTF-8 "${@:2}"'
)


class Godot:
    """Runs projects. ``root`` is a file system that holds the engine, None for this one."""

    def __init__(self, addon: Path, root: Path | None) -> None:
        self._addon, self._root = addon, root

    def play(
        self, parts: Mapping[str, bytes], plays: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Play timelines of an unpacked artifact."""
        above = self._root / "jobs" if self._root else None
        with tempfile.TemporaryDirectory(dir=above, prefix="storyarn-") as directory:
            project = Path(directory)
            for name, content in parts.items():
                place = project / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            with (project / "project.godot").open("a", encoding="utf-8") as file:
                file.write(_MORE)
            shutil.copytree(self._addon, project / "addons" / "dialogic")
            test = project / "_test"
            test.mkdir()
            shutil.copy(_PLAYER, test / "player.gd")
            (test / "player.tscn").write_text(_SCENE, "utf-8")
            (test / "plays.json").write_text(json.dumps(list(plays)), "utf-8")
            for _ in range(2):  # the plugin works once its own classes are known
                self._run(project, "--import", 180)
            log = self._run(project, "--fixed-fps", 400, "30", "res://_test/player.tscn")
            results = test / "results.json"
            assert results.exists(), log[-4000:]
            found: list[dict[str, Any]] = json.loads(results.read_text("utf-8"))
            return found

    def _run(self, project: Path, option: str, seconds: int, *more: str) -> str:
        inside = f"/{project.relative_to(self._root)}" if self._root else str(project)
        command = ["godot", "--headless", "--path", inside, option, *more]
        if self._root:
            unshared = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c"]
            command = [*unshared, _IN_ROOT, "_", str(self._root), *command]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
        )
        return done.stdout + done.stderr


@contextmanager
def found_godot() -> Iterator[Godot]:
    """The engine of the machine or of ``GODOT_ROOT``, and the addon of ``DIALOGIC_DIR``."""
    root = Path(os.environ.get("GODOT_ROOT", "not-there"))
    here = shutil.which("godot")
    has_root = (root / ".godot-root-ready").is_file() and os.geteuid() == 0
    named = os.environ.get("DIALOGIC_DIR")
    known = sorted(root.glob("jobs/base/*/addons/dialogic")) if has_root else []
    addon = Path(named) / "addons" / "dialogic" if named else next(iter(known), None)
    if (here is None and not has_root) or addon is None or not (addon / "plugin.cfg").is_file():
        pytest.skip(
            "GODOT WITH DIALOGIC IS NOT INSTALLED: the Godot export is NOT played in the real "
            "engine; put godot on the PATH or name GODOT_ROOT, and name DIALOGIC_DIR"
        )
    yield Godot(addon, None if here else root)
