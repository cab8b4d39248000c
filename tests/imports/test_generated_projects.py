"""Projects of every shape come back as they went."""

import difflib
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.domain.tables import TABLES
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.services.diff import diff_files
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.services.imports import import_file
from storyarn_pipelines.settings import Settings
from tests.reference.projects import Generator, Shape, add_columns, disturb

from .conftest import copy_people, rows_of
from .legal import make_legal, own_keys, run

SEEDS_A_DATABASE = 5
SEEDS_OF_PARTS = (2, 6)
_STAMP = re.compile(r'"exported_at": ?"[^"]*"')
PLENTY = 1_000_000


@dataclass(frozen=True)
class Pair:
    """A database with generated projects, and one with the same people, columns and no project."""

    source: str
    target: str
    projects: dict[int, list[str]]


@pytest.fixture(scope="session")
def pairs(new_database: Callable[[], str]) -> Callable[[int], Pair]:
    """The databases of a seed; a few seeds share them, most have unknown columns."""
    made: dict[int, Pair] = {}

    def of(seed: int) -> Pair:
        first = seed - seed % SEEDS_A_DATABASE
        if first not in made:
            source, target = new_database(), new_database()
            for url in (source, target):
                with psycopg.connect(url) as connection:
                    if first:
                        add_columns(connection, random.Random(first))
                    if first == SEEDS_A_DATABASE:
                        disturb(connection, connection.info.dbname)
            with psycopg.connect(source) as connection:
                generator = Generator(connection)
                projects = {n: generator.fill(n) for n in range(first, first + SEEDS_A_DATABASE)}
                make_legal(connection)
            copy_people(source, target)
            made[first] = Pair(source, target, projects)
        return made[first]

    return of


@pytest.fixture
def pair(pairs: Callable[[int], Pair], seed: int) -> Iterator[Pair]:
    """The databases of this test; no project is left in the second one."""
    found = pairs(seed)
    yield found
    clear(found.target)


def clear(url: str) -> None:
    """Remove all projects."""
    with psycopg.connect(url) as connection:
        connection.execute("TRUNCATE projects CASCADE")


class Studio:
    """Exports and imports with the settings of one test."""

    def __init__(self, make: Callable[[str], Settings], directory: Path) -> None:
        self._make, self._directory, self._files = make, directory, 0

    def export(self, url: str, project: object, **options: Any) -> Path:
        """A project's native export."""
        self._files += 1
        out = self._directory / f"{self._files}.json"
        chosen = {"validate_before_export": False, "include_trash": True, **options}
        export_project(self._make(url), str(project), "storyarn", parse_options(chosen), out=out)
        return out

    def bring(self, url: str, path: Path, workspace: str, **options: Any) -> ImportReport:
        """Import it as a new project."""
        return import_file(self._make(url), path, ImportOptions(new=workspace, **options))

    def difference(self, before: Path, after: Path) -> dict[str, Any]:
        """What `storyarn diff` says, cut short."""
        found = diff_files(self._make(""), before, after)
        told = found.as_dict()
        return {} if found.same else {x: told[x][:5] for x in ("added", "removed", "changed")}


@pytest.fixture
def visitor(make_settings: Callable[[str], Settings], tmp_path: Path) -> Studio:
    """Exports and imports."""
    return Studio(make_settings, tmp_path)


@pytest.fixture(scope="module")
def twins(new_database: Callable[[], str]) -> dict[bool, Pair]:
    """Empty databases as Storyarn makes them, and with unknown columns and odd defaults."""
    made = {odd: Pair(new_database(), new_database(), {}) for odd in (False, True)}
    for url in (made[True].source, made[True].target):
        with psycopg.connect(url) as connection:
            add_columns(connection, random.Random(SEEDS_A_DATABASE))
            disturb(connection, connection.info.dbname)
    return made


def fill(pair: Pair, seed: int, shape: Shape) -> list[str]:
    """One seed's projects, alone in the first database of two; their ids."""
    for url in (pair.source, pair.target):
        with psycopg.connect(url) as connection:
            connection.execute("TRUNCATE users RESTART IDENTITY CASCADE")
    with psycopg.connect(pair.source) as connection:
        projects = Generator(connection, shape).fill(seed)
        make_legal(connection)
    copy_people(pair.source, pair.target)
    return projects


# A failure shrinks to few rows in few tables: to leave a table out comes first.
left_out = st.tuples(
    *(
        st.sampled_from([table.name, None, None, None])
        for table in TABLES
        if table.name != "projects"
    )
)
shapes = st.builds(
    Shape,
    most=st.integers(1, 12),
    without=left_out.map(lambda names: frozenset(name for name in names if name)),
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10_000), shape=shapes, odd=st.booleans(), pretty=st.booleans())
@example(seed=1, shape=Shape(), odd=False, pretty=True)
@example(seed=8, shape=Shape(), odd=True, pretty=False)
def test_a_generated_project_comes_back(
    twins: dict[bool, Pair], visitor: Studio, seed: int, shape: Shape, odd: bool, pretty: bool
) -> None:
    pair = twins[odd]
    for project in fill(pair, seed, shape):
        first = visitor.export(pair.source, project, pretty_print=pretty)
        report = visitor.bring(pair.target, first, f"w-{seed}")
        assert (str(report.project["id"]), report.ids) == (project, "kept")
        again = visitor.export(pair.target, project, pretty_print=pretty)
        require_same(first, again)
        old, new = (rows_of(url, int(project)) for url in (pair.source, pair.target))
        assert {name: rows for name, rows in new.items() if rows != old[name]} == {}

        make_room(pair.target)
        second = visitor.bring(pair.target, first, f"w-{seed}")
        assert second.ids == "new"
        copy = visitor.export(pair.target, second.project["id"])
        assert visitor.difference(first, copy) == {}
        clear(pair.target)


def require_same(before: Path, after: Path) -> None:
    """Fail with the lines that are not the same in two exports, but for the time of export."""
    texts = [_STAMP.sub("", path.read_text("utf-8"), count=1) for path in (before, after)]
    if texts[0] == texts[1]:
        return
    old, new = (text.split("\n") for text in texts)
    lines = difflib.unified_diff(old, new, lineterm="", n=1)
    pytest.fail("\n".join(line[:300] for line in islice(lines, 30)), pytrace=False)


def make_room(url: str) -> None:
    """Go on with ids that fit the int4 columns which hold some, whatever ids there are."""
    with psycopg.connect(url) as connection:
        for table in TABLES:
            if table.key == "id":
                run(connection, f"SELECT setval('{table.name}_id_seq', {PLENTY})")


Options = Callable[[random.Random, dict[str, list[dict[str, Any]]]], dict[str, Any]]


def some(rng: random.Random, rows: list[dict[str, Any]], *, trash: bool) -> list[str]:
    """About half of some rows, by id."""
    ids = [str(row["id"]) for row in rows if trash or row["deleted_at"] is None]
    return rng.sample(ids, rng.randint(0, len(ids)))


def selection(rng: random.Random, rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    trash = rng.random() < 0.5
    kinds = rng.sample(("flow", "sheet", "scene"), rng.randint(1, 3))
    chosen = {f"{x}_ids": some(rng, rows[f"{x}s"], trash=trash) for x in kinds}
    return {"include_trash": trash, **chosen}


def sections(rng: random.Random, rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    del rows
    off = rng.sample(("sheets", "flows", "scenes", "localization"), rng.randint(1, 3))
    return {"include_trash": rng.random() < 0.5, **{f"include_{name}": False for name in off}}


def languages(rng: random.Random, rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    live = sorted(x["locale_code"] for x in rows["project_languages"] if x["archived_at"] is None)
    return {"include_trash": False, "languages": rng.sample(live, rng.randint(0, len(live)))}


def without_trash(rng: random.Random, rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    del rng, rows
    return {"include_trash": False}


@pytest.mark.parametrize("options", [selection, sections, languages, without_trash])
@pytest.mark.parametrize("seed", SEEDS_OF_PARTS)
def test_a_part_of_a_project_comes_back(
    pair: Pair, visitor: Studio, seed: int, options: Options
) -> None:
    for project in pair.projects[seed]:
        rows = rows_of(pair.source, int(project))
        chosen = options(random.Random(f"{seed} {options.__name__} {project}"), rows)
        if rows["projects"][0]["deleted_at"] is not None:
            chosen["include_trash"] = True
        first = visitor.export(pair.source, project, **chosen)
        kept, lost = what_is_left(pair.source, rows, ids_in(json.loads(first.read_text("utf-8"))))
        report = visitor.bring(pair.target, first, f"w-{seed}")
        assert report.errors == []
        new = rows_of(pair.target, int(project))
        assert {name: x for name, x in new.items() if x != kept[name]} == {}
        again = visitor.export(
            pair.target, project, **{x: y for x, y in chosen.items() if not x.endswith("_ids")}
        )
        found = visitor.difference(first, again)
        if lost:
            found.pop("removed", None)
        # A file does not tell which unknown columns are keys.
        changed = found.pop("changed", [])
        assert [x for x in changed if {y["field"] for y in x["fields"]} != {"cast_sheet"}] == []
        assert not any(found.values())
        clear(pair.target)


Ids = dict[str, set[int]]


def ids_in(document: dict[str, Any]) -> Ids:
    """The rows of a file by table; those of a sequence's configuration by their node."""
    found: Ids = {table.name: set() for table in TABLES}
    found["projects"].add(int(document["project"]["id"]))
    localization = document.get("localization", {})
    terms = [*localization.get("strings", {}).values(), *localization.get("glossary", [])]
    for term in terms:
        name = "localized_texts" if "source_type" in term else "localization_glossary_entries"
        found[name] |= {int(x["id"]) for x in term["translations"].values()}
    for name, rows in (
        ("sheets", document.get("pages", ())),
        ("flows", document.get("flows", ())),
        ("scenes", document.get("maps", ())),
        ("project_languages", localization.get("languages", ())),
        ("assets", document["assets"]["items"]),
    ):
        for row in rows:
            note_row(found, name, row)
    return found


def note_row(found: Ids, name: str, row: dict[str, Any]) -> None:
    """Note a row and all that is nested under it."""
    found[name].add(int(row["id"]))
    inside = row.get("sequence", {})
    if inside.keys() - {"tracks", "visual_layers"}:
        found["flow_node_sequence_configs"].add(int(row["id"]))
    for table in TABLES:
        if table.parent == name and table.list_key:
            for child in (*row.get(table.list_key, ()), *inside.get(table.list_key, ())):
                note_row(found, table.name, child)


def what_is_left(
    url: str, rows: dict[str, list[dict[str, Any]]], ids: Ids
) -> tuple[dict[str, list[dict[str, Any]]], int]:
    """A project's rows that a file holds, without keys to others, and how many that costs."""
    kept = {
        table.name: {
            x[table.key]: dict(x) for x in rows[table.name] if x[table.key] in ids[table.name]
        }
        for table in TABLES
    }
    with psycopg.connect(url) as connection:
        keys = list(own_keys(connection))
    lost = -1
    dropped = 0
    while lost != dropped:
        lost = dropped
        for table, column, target, required in keys:
            for key, row in list(kept[table].items()):
                if row[column.strip('"')] is None or row[column.strip('"')] in kept[target]:
                    continue
                if required:
                    del kept[table][key]
                    dropped += 1
                else:
                    row[column.strip('"')] = None
    for row in kept["localized_texts"].values():
        if row["vo_asset_id"] is None and row["vo_status"] in ("recorded", "approved"):
            row["vo_status"] = "needed"
    return {name: list(found.values()) for name, found in kept.items()}, dropped
