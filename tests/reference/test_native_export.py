"""The product and the reference write the same bytes, whatever the project."""

import difflib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.options import ExportOptions, parse_options
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.serializers.base import serialize
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect

from .exporter import export
from .projects import Generator, add_columns, disturb

DATA = Path(__file__).parents[1] / "data"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EXPORTED_AT = "2026-01-01T00:00:00Z"
SEEDS = range(25)
SEEDS_A_DATABASE = 5
DIFF_LINES = 60


@dataclass
class Example:
    """A project, and what its options may name."""

    url: str
    id: str
    deleted: bool
    ids: dict[str, list[str]]
    live_ids: dict[str, list[str]]
    locales: list[str]

    def some(self, rng: random.Random, table: str, *, trash: bool) -> list[str]:
        """About half of the project's rows of a table."""
        ids = (self.ids if trash else self.live_ids)[table]
        return rng.sample(ids, rng.randint(0, len(ids)))


Variant = Callable[[Example, random.Random], dict[str, Any]]


def _selection(*, trash: bool) -> Variant:
    def options(example: Example, rng: random.Random) -> dict[str, Any]:
        chosen = {
            f"{kind}_ids": example.some(rng, f"{kind}s", trash=trash)
            for kind in ("flow", "sheet", "scene")
        }
        names = rng.sample(sorted(chosen), rng.randint(1, 3))
        return {"include_trash": trash, **{name: chosen[name] for name in names}}

    return options


def _sections(example: Example, rng: random.Random) -> dict[str, Any]:
    sections = ("sheets", "flows", "scenes", "localization")
    off = rng.sample(sections, rng.randint(1, 3))
    return {"include_trash": rng.random() < 0.5, **{f"include_{name}": False for name in off}}


def _languages(example: Example, rng: random.Random) -> dict[str, Any]:
    count = rng.randint(0, len(example.locales))
    return {"languages": rng.sample(example.locales, count), "include_trash": rng.random() < 0.3}


VARIANTS: dict[str, Variant] = {
    "everything": lambda *_: {},
    "compact": lambda *_: {"pretty_print": False},
    "trash": lambda *_: {"include_trash": True},
    "selection": _selection(trash=False),
    "selection with trash": _selection(trash=True),
    "sections off": _sections,
    "languages": _languages,
}


def _example(connection: psycopg.Connection, url: str, project: str) -> Example:
    def column(query: str) -> list[str]:
        return [str(row[0]) for row in connection.execute(query.encode(), [project])]

    ids, live_ids = {}, {}
    for table in ("sheets", "flows", "scenes"):
        ids[table] = column(f"SELECT id FROM {table} WHERE project_id = %s ORDER BY id")
        live_ids[table] = column(
            f"SELECT id FROM {table} WHERE project_id = %s AND deleted_at IS NULL ORDER BY id"
        )
    return Example(
        url=url,
        id=project,
        deleted=column("SELECT deleted_at IS NOT NULL FROM projects WHERE id = %s") == ["True"],
        ids=ids,
        live_ids=live_ids,
        locales=column(
            "SELECT DISTINCT locale_code FROM project_languages WHERE project_id = %s"
            " AND archived_at IS NULL ORDER BY 1"
        ),
    )


@pytest.fixture(scope="session")
def examples(new_database: Callable[[], str]) -> Callable[[int], list[Example]]:
    """The projects of a seed; a few seeds share a database, most have unknown columns."""
    made: dict[int, list[Example]] = {}

    def of(seed: int) -> list[Example]:
        if seed not in made:
            first = seed - seed % SEEDS_A_DATABASE
            url = new_database()
            with psycopg.connect(url) as connection:
                if first:
                    add_columns(connection, random.Random(first))
                generator = Generator(connection)
                projects = {n: generator.fill(n) for n in range(first, first + SEEDS_A_DATABASE)}
                for number, ids in projects.items():
                    made[number] = [_example(connection, url, key) for key in ids]
                if first == SEEDS_A_DATABASE:
                    disturb(connection, connection.info.dbname)
        return made[seed]

    return of


def _product(url: str, project: str, options: ExportOptions, directory: Path) -> bytes:
    directory.mkdir()
    collect(url, project, options, directory, collected_at=NOW)
    return serialize(FORMATS["storyarn"], StoryReader(directory), options)


def _difference(expected: bytes, made: bytes) -> str:
    left, right = (text.decode().split("\n") for text in (expected, made))
    lines = difflib.unified_diff(left, right, "reference", "product", lineterm="", n=12)
    return "\n".join(line[:300] for line in islice(lines, DIFF_LINES))


@pytest.mark.parametrize(
    ("golden", "options"), [("mini.json", {}), ("mini-trash.json", {"include_trash": True})]
)
def test_the_reference_writes_the_golden_files(
    mini_url: str, golden: str, options: dict[str, object]
) -> None:
    with psycopg.connect(mini_url) as connection:
        made = export(connection, 7, parse_options(options), EXPORTED_AT)
    assert made.decode().splitlines() == (DATA / golden).read_text("utf-8").splitlines()
    assert made == (DATA / golden).read_bytes()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_product_writes_what_the_reference_writes(
    examples: Callable[[int], list[Example]], tmp_path: Path, seed: int, variant: str
) -> None:
    for number, example in enumerate(examples(seed)):
        rng = random.Random(f"{seed} {variant} {number}")
        chosen = VARIANTS[variant](example, rng)
        if example.deleted and "ids" not in "".join(chosen):
            chosen["include_trash"] = True
        elif example.deleted:
            continue
        options = parse_options(chosen)
        with psycopg.connect(example.url) as connection:
            expected = export(connection, int(example.id), options, EXPORTED_AT)
        made = _product(example.url, example.id, options, tmp_path / str(number))
        if made != expected:
            pytest.fail(
                f"project {example.id}, options {chosen}\n{_difference(expected, made)}",
                pytrace=False,
            )
