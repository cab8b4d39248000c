"""What goes out comes back, exactly."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.services.diff import diff_files
from storyarn_pipelines.settings import Settings

from .conftest import MINI, MINI_TRASH, Export, Import, body, rows_of, whole_database


def test_a_whole_project_comes_back_byte_for_byte_and_row_by_row(
    bring: Import, export: Export, studio: str, mini_url: str
) -> None:
    report = bring(MINI_TRASH)
    assert (report.project["id"], report.ids) == (7, "kept")
    assert body(export(7)) == body(MINI_TRASH)
    old, new = rows_of(mini_url, 7), rows_of(studio, 7)
    assert {name: rows for name, rows in new.items() if rows != old[name]} == {}


def test_without_the_trash_only_keys_that_lead_there_are_lost(
    bring: Import, export: Export
) -> None:
    report = bring(MINI)
    lines = [x.split('": ')[0] for x in body(MINI).split("\n")]
    again = body(export(report.project["id"], include_trash=False)).split("\n")
    assert [x.split('": ')[0] for x in again] == lines
    lost = [(x, y) for x, y in zip(body(MINI).split("\n"), again, strict=True) if x != y]
    assert {y.strip().split(": ")[1].rstrip(",") for _, y in lost} == {"null"}
    assert any("parent_id names no sheets row" in line for line in report.warnings)


def test_where_ids_are_taken_all_are_exchanged_and_nothing_else_differs(
    bring: Import, export: Export, make_settings: Callable[[str], Settings], studio: str
) -> None:
    first, second = bring(MINI_TRASH), bring(MINI_TRASH)
    assert (first.ids, second.ids) == ("kept", "new")
    assert second.project["slug"] == "mini-2"
    again = export(second.project["id"])
    found = diff_files(make_settings(studio), MINI_TRASH, again)
    assert found.as_dict()["counts"] == {
        name: {"added": 0, "removed": 0, "changed": 0} for name in found.counts
    }
    with psycopg.connect(studio) as connection:
        taken = connection.execute(
            "SELECT count(*) FROM flow_nodes a JOIN flow_nodes b ON a.id = b.id "
            "JOIN flows f ON f.id = a.flow_id AND f.project_id = 7 "
            "JOIN flows g ON g.id = b.flow_id AND g.project_id <> 7"
        ).fetchone()
    assert taken == (0,)


def test_a_new_name_makes_its_own_slug(bring: Import) -> None:
    assert bring(MINI, name="Copy").project["slug"] == "copy"
    assert bring(MINI, name="Copy").project["slug"] == "copy-2"
    assert bring(MINI, name="Ünïcode & Söhne!").project["slug"] == "unicode-sohne"


def test_the_owner_becomes_a_member_and_others_do_not(bring: Import, studio: str) -> None:
    report = bring(MINI)
    with psycopg.connect(studio) as connection:
        members = connection.execute(
            "SELECT u.email::text, m.role FROM project_memberships m JOIN users u "
            "ON u.id = m.user_id WHERE m.project_id = %s",
            [report.project["id"]],
        ).fetchall()
    assert members == [("owner@example.test", "owner")]


def test_sequences_go_past_the_ids_that_were_kept(bring: Import, studio: str) -> None:
    bring(MINI_TRASH)
    with psycopg.connect(studio) as connection:
        for table in ("flow_nodes", "sheets", "blocks", "localized_texts", "projects"):
            newest = connection.execute(
                f"SELECT max(id), nextval('{table}_id_seq') FROM {table}".encode()
            ).fetchone()
            assert newest is not None
            assert newest[1] > newest[0]


@pytest.mark.parametrize("mode", ["compact", "zip", "zst"])
def test_every_form_of_a_file_imports_alike(
    bring: Import, export: Export, tmp_path: Path, mode: str, mini_url: str
) -> None:
    path = MINI_TRASH
    if mode == "compact":
        path = tmp_path / "compact.json"
        path.write_text(json.dumps(json.loads(MINI_TRASH.read_text("utf-8"))), "utf-8")
    if mode == "zst":
        import pyarrow as pa  # noqa: PLC0415

        path = tmp_path / "backup.json.zst"
        with pa.CompressedOutputStream(str(path), "zstd") as out:
            out.write(MINI_TRASH.read_bytes())
    if mode == "zip":
        import zipfile  # noqa: PLC0415

        path = tmp_path / "bundle.zip"
        with zipfile.ZipFile(path, "w") as out:
            out.write(MINI_TRASH, "project.json")
    report: ImportReport = bring(path)
    assert report.sections["flows"]["new"] == 5


def test_a_rehearsal_changes_nothing(bring: Import, studio: str) -> None:
    before = whole_database(studio)
    report = bring(MINI_TRASH, dry_run=True)
    assert report.sections["sheets"]["new"] == 10
    assert whole_database(studio) == before


def test_index_rows_that_removed_rows_left_behind_are_replaced(bring: Import, studio: str) -> None:
    rows = "SELECT source_type, source_id, context FROM entity_references ORDER BY 1, 2, 3"
    bring(MINI_TRASH)
    with psycopg.connect(studio) as connection:
        first = connection.execute(rows).fetchall()
        connection.execute("TRUNCATE projects CASCADE")
        left = "UPDATE entity_references SET context = 'old' RETURNING 1"
        assert len(connection.execute(left).fetchall()) == len(first) > 0
    assert bring(MINI_TRASH).ids == "kept"
    with psycopg.connect(studio) as connection:
        assert connection.execute(rows).fetchall() == first


def test_the_reference_indexes_are_rebuilt(bring: Import, studio: str) -> None:
    bring(MINI_TRASH)
    with psycopg.connect(studio) as connection:
        entities = connection.execute(
            "SELECT source_type, source_id, target_type, target_id, context "
            "FROM entity_references ORDER BY 1, 2, 3, 4, 5"
        ).fetchall()
        variables = connection.execute(
            "SELECT source_type, source_id, block_id, kind, source_sheet, source_variable "
            "FROM variable_references ORDER BY 1, 2, 3, 4, 5, 6"
        ).fetchall()
    assert len(entities) == len(set(entities)) == 9
    assert len(variables) == len(set(variables)) > 9
