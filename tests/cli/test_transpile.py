"""``storyarn transpile`` as scripts and people see it."""

import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from click.testing import CliRunner, Result

from storyarn_pipelines.cli import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``storyarn transpile`` in a directory of its own, where no database is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STORYARN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STORYARN_DATABASE_URL", "postgresql://127.0.0.1:1/none")

    def start(*arguments: str, given: bytes = b"", url: str | None = None) -> Result:
        if url is not None:
            monkeypatch.setenv("STORYARN_DATABASE_URL", url)
        return CliRunner().invoke(main, ["transpile", *arguments], input=given)

    return start


@pytest.mark.parametrize(
    ("format_name", "expected"),
    [
        ("unity", 'Variable["mc.jaime.health"] > 50'),
        ("godot", "{mc.jaime.health} > 50"),
        ("unreal", "mc.jaime.health > 50"),
        ("articy", "mc_jaime.health > 50"),
        ("ink", "mc_jaime_health > 50"),
        ("yarn", "$mc_jaime_health > 50"),
    ],
)
def test_a_condition_is_printed_in_the_language_of_the_engine(
    run: Run, format_name: str, expected: str
) -> None:
    done = run("--to", format_name, "--condition", "{mc.jaime.health} > 50")
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"{expected}\n", "")


def test_the_json_document_has_source_and_diagnostics(run: Run, tmp_path: Path) -> None:
    (tmp_path / "types.json").write_text('{"mc.a": "text"}')
    done = run("--to", "unity", "--variables", "types.json", "--json",
               "--condition", "mc.a == 7 || mc.b")  # fmt: skip
    document = json.loads(done.stdout)
    assert [x["code"] for x in document.pop("diagnostics")] == ["EX0202", "EX0401"]
    assert document == {
        "format": "unity",
        "kind": "condition",
        "source": "mc.a == 7 || mc.b",
        "output": 'Variable["mc.a"] == "7"',
    }


def test_diagnostics_go_to_standard_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "types.json").write_text('{"mc.n": "number", "mc.t": "text"}')
    done = run("--to", "godot", "--variables", "types.json", "--instruction", "mc.n = mc.t")
    assert (done.exit_code, done.stdout) == (0, "\n")
    assert done.stderr.startswith("warning EX0404: `mc.n = mc.t` is left out: ")


def test_a_text_that_cannot_be_read_is_shown_with_a_caret(run: Run) -> None:
    done = run("--to", "unity", "--condition", "mc.health >")
    assert done.exit_code == 1
    assert done.stdout == ""
    first, line, caret = done.stderr.splitlines()
    assert first.startswith("error: line 1, column 12: found the end, expected")
    assert (line, caret) == ("  mc.health >", "             ^")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--to", "unity"], 2, "one of --condition, --instruction, --file is needed"),
        (["--to", "unity", "--condition", "", "--file", "x"], 2, "one of --condition"),
        (["--to", "storyarn", "--condition", "a.b"], 2, "format 'storyarn' has no expressions"),
        (["--to", "unity", "--variables", "no.json", "--condition", "a.b"], 2, "No such file"),
        (["--to", "unity", "--file", "no.jsonl"], 2, "--file no.jsonl: No such file"),
        (["--to", "unity", "--variables", "bad.json", "--condition", "a.b"], 2, "no JSON"),
        (["--to", "unity", "--variables", "odd.json", "--condition", "a.b"], 2, "of type 'colour'"),
        (["--to", "ink", "--project", "p", "--variables", "f", "--condition", "a.b"], 2, "exclude"),
    ],
)
def test_wrong_usage_is_one_line(
    run: Run, tmp_path: Path, arguments: list[str], status: int, message: str
) -> None:
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "odd.json").write_text('{"a.b": "colour"}')
    done = run(*arguments)
    assert done.exit_code == status
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def block(value: object) -> dict[str, Any]:
    """A stored condition of one rule."""
    rule = {"sheet": "mc", "variable": "a", "operator": "equals", "value": value}
    return {"logic": "all", "blocks": [{"type": "block", "logic": "all", "rules": [rule]}]}


def test_lines_come_back_in_order_and_a_bad_one_stops_nothing(run: Run) -> None:
    change = [{"sheet": "mc", "variable": "a", "operator": "set_true"}]
    lines: list[tuple[object, bytes]] = [
        (1, b'{"id":1,"kind":"condition","source":"mc.a > 5"}'),
        ("x", b'{"id":"x","kind":"condition","source":"mc.a >"}'),
        (None, b"no JSON"),
        (12345678901234567890123, b'{"id":12345678901234567890123,"kind":"x","source":""}'),
        ([2], b'{"id":[2],"kind":"instruction"}'),
        (None, b'{"kind":"condition","source":"mc.a"}'),
        ("s", json.dumps({"id": "s", "kind": "condition", "source": block("7")}).encode()),
        ("t", json.dumps({"id": "t", "kind": "condition",
                          "source": json.dumps(block("7"))}).encode()),
        ("i", json.dumps({"id": "i", "kind": "instruction", "source": change}).encode()),
        (None, b'{"id":"\xff","kind":"condition","source":"mc.a"}'),
        (3, b'{"id":3,"kind":"condition","source":' + b"[" * 100_000 + b"}"),
        (4, b'{"id":4,"kind":"condition","source":"' + b"(" * 10_000 + b'"}'),
        (5, b'{"id":5,"kind":"instruction","source":"mc.a = 1; mc.b = 2"}'),
    ]  # fmt: skip
    done = run("--to", "unity", "--file", "-", given=b"\n".join(x for _, x in lines) + b"\n\n")
    assert done.exit_code == 0
    found = [json.loads(line) for line in done.stdout.splitlines()]
    read = {1, "s", "t", "i", 5}
    assert len(found) == len(lines)
    for (key, line), answer in zip(lines, found, strict=True):
        assert list(answer) == ["id", "output", "diagnostics"]
        # A line whose JSON is broken cannot tell its id.
        assert answer["id"] in (key, None)
        if key in ([2], None, 3) and b'"kind":"condition","source":"mc.a"' not in line:
            assert answer["output"] is None
    answers = {str(x["id"]): x for x in found if x["id"] is not None}
    assert answers["1"]["output"] == 'Variable["mc.a"] > 5'
    assert answers["s"]["output"] == answers["t"]["output"] == 'Variable["mc.a"] == 7'
    assert answers["i"]["output"] == 'Variable["mc.a"] = true'
    assert answers["5"]["output"] == 'Variable["mc.a"] = 1\nVariable["mc.b"] = 2'
    for key in ("x", "12345678901234567890123", "[2]", "4"):
        (finding,) = answers[key]["diagnostics"]
        assert answers[key]["output"] is None
        assert finding["severity"] == "error"
        assert finding["where"] == key
    assert read <= {x["id"] for x in found if isinstance(x["id"], int | str)}


def test_thousands_of_lines_a_second(run: Run, tmp_path: Path) -> None:
    source = 'mc.health > {} && (mc.name starts_with "a" || !mc.met)'
    lines = [
        json.dumps({"id": x, "kind": "condition", "source": source.format(x % 500)})
        for x in range(4_000)
    ]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    types = {"mc.health": "number", "mc.name": "text", "mc.met": "boolean"}
    (tmp_path / "types.json").write_text(json.dumps(types))
    start = perf_counter()
    done = run("--to", "unity", "--variables", "types.json", "--file", "many.jsonl")
    assert perf_counter() - start < 12  # a tenth of that on a quiet machine
    assert [json.loads(x)["id"] for x in done.stdout.splitlines()] == list(range(4_000))


def test_a_project_gives_types_and_what_its_instructions_leave(run: Run, mini_url: str) -> None:
    done = run("--to", "unity", "--project", "mini", "--instruction", "mc.mira.health -= 10",
               url=mini_url)  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert "mc.mira.health" in done.stdout
    assert done.stderr == ""
