"""``storyarn play`` as scripts and people see it."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from storyarn_pipelines.cli import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``storyarn play`` on a database, in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STORYARN_HOME", str(tmp_path / "home"))

    def start(url: str, *arguments: str) -> Result:
        monkeypatch.setenv("STORYARN_DATABASE_URL", url)
        return CliRunner().invoke(main, ["play", *arguments])

    return start


def test_the_main_flow_is_played_and_printed_as_a_script(run: Run, mini_url: str) -> None:
    done = run(mini_url, "mini")
    assert done.exit_code == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "",
        "Mira Ångström  #602",
        '  Hello, Captain "Å" of 2',
        "  seas! You owe me 1e2 🍺.",
        "  > 0: Buy ale",
        "    1: Leave",
        "    [mc.mira.health = 100, mc.mira.stats.str.bonus = 95]",
        "",
        "-- The story ends, Victory at node 608; 9 nodes visited",
        "-- 1 menus had no choice given: the first response was taken",
    ]


def test_the_json_document_is_the_contracts(run: Run, mini_url: str) -> None:
    done = run(mini_url, "mini", "act1.tavern", "--choices", "1", "--json")
    document = json.loads(done.stdout)
    assert list(document) == ["events", "variables", "steps"]
    assert document["events"][1:] == [
        {"choose": {"index": 1, "text": "Leave", "options": ["Buy ale", "Leave"]}},
        {"set": {"mc.mira.alive": True}},
        {"end": "exit", "node": 608, "label": "Victory"},
    ]
    assert document["steps"] == 3


def test_a_seed_gives_the_same_play_every_time(run: Run, mini_url: str) -> None:
    plays = [
        run(mini_url, "mini", "--seed", str(seed), "--json").stdout for seed in (1, 1, 2, 3, 4)
    ]
    assert plays[0] == plays[1]
    assert len(set(plays)) == 2


def test_whole_numbers_and_locales_are_options(run: Run, mini_copy: str) -> None:
    with psycopg.connect(mini_copy) as connection:
        connection.execute("UPDATE blocks SET value = '{\"content\": 40}' WHERE id = 303")
        connection.execute(
            "UPDATE flow_nodes SET data = jsonb_set(data, '{responses,0,condition}', 'null') "
            "WHERE id = 602"
        )
    plain = json.loads(run(mini_copy, "mini", "--json").stdout)
    assert plain["events"][2]["set"] == {"mc.mira.health": 35.0, "mc.mira.stats.str.bonus": 30}
    whole = run(mini_copy, "mini", "--json", "--whole-numbers", "--locale", "de").stdout
    assert '"mc.mira.health": 35,' in whole


def test_numbers_beyond_64_bits_are_printed(run: Run, mini_copy: str) -> None:
    with psycopg.connect(mini_copy) as connection:
        connection.execute('UPDATE blocks SET value = \'{"content": "1e30"}\' WHERE id = 303')
    done = run(mini_copy, "mini", "act1.fight", "--json")
    assert json.loads(done.stdout)["variables"]["mc.mira.health"] == int(1e30)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["nope"], 1, "project 'nope' does not exist"),
        (["mini", "nope"], 1, "flow 'nope' does not exist; flows are act1, act1.tavern"),
        (["mini", "--choices", "5"], 2, "choices: number 1 is 5, but node 602 offers 0 to 1"),
        (["mini", "--choices", "a"], 2, "--choices: 'a' is no number"),
        (["mini", "--choices", "1,,2"], 2, "--choices: '' is no number"),
        (["mini", "--choices", "-1"], 2, "--choices: '-1' is no number"),
        (["mini", "--choices", "0", "--seed", "1"], 2, "exclude each other"),
        (["mini", "--seed", "x"], 2, "--seed"),
        (["mini", "--locale", "xx"], 2, "--locale: 'xx' is not allowed; allowed: de, en, es"),
        (["mini", "--locale", "'; --"], 2, "--locale"),
        ([], 2, "PROJECT"),
    ],
)
def test_what_cannot_be_played_is_said_in_one_line(
    run: Run, mini_url: str, arguments: list[str], status: int, said: str, tmp_path: Path
) -> None:
    done = run(mini_url, *arguments)
    assert done.exit_code == status
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert [x for x in tmp_path.rglob("*") if x.is_file()] == []


def test_a_project_without_a_main_flow_says_what_to_write(run: Run, mini_copy: str) -> None:
    with psycopg.connect(mini_copy) as connection:
        connection.execute("UPDATE flows SET is_main = false")
    done = run(mini_copy, "mini")
    assert done.exit_code == 1
    assert "no flow is the main one; flows are act1, act1.tavern, act1.fight, 504" in done.stderr


def test_the_help_teaches() -> None:
    done = CliRunner().invoke(main, ["play", "--help"])
    assert done.exit_code == 0
    for word in ("--choices 0,2,1", "--seed", "--whole-numbers", "--locale", "10,000 nodes"):
        assert word in done.stdout
