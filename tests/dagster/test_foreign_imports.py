"""Uploads of other tools' files, from the sensor to the report."""

import json
from pathlib import Path

import dagster as dg
import psycopg
import pytest

from tests.dagster.test_imports import Put, instance, put, run_import, storage, studio, tick
from tests.imports.test_foreign import TOOLS

__all__ = ["instance", "put", "storage", "studio"]


@pytest.mark.parametrize("name", TOOLS)
def test_an_upload_of_another_tool_is_seen_planned_and_imported(
    studio: str,
    instance: dg.DagsterInstance,
    put: Put,
    storage: Path,
    tmp_path: Path,
    name: str,
) -> None:
    tool = TOOLS[name]
    source = tmp_path / tool.main
    source.write_text(tool.text, "utf-8")
    put(f"imports/new/studio/{tool.main}", source)
    (request,) = tick(instance, tick(instance).cursor).run_requests or ()
    key = request.run_config["resources"]["import_upload"]["config"]["key"]
    result = run_import(instance, key)
    assert result.success
    report = storage / "imports-done" / "new" / "studio" / f"{tool.main}.report.json"
    told = json.loads(report.read_text("utf-8"))
    assert told["sections"]["flows"]["new"] == tool.alone["flows"]
    assert told["conversions"][0].startswith("read as files of")

    with psycopg.connect(studio) as connection:
        found = connection.execute("SELECT id FROM projects").fetchall()
    ((project,),) = found
    source.write_text(tool.text.replace(tool.old, tool.new), "utf-8")
    again = run_import(
        instance, put(f"imports/{project}/{tool.main}", source), conflicts="overwrite"
    )
    assert again.success
    plan = again.asset_materializations_for_node("import_plan")[0].metadata
    assert plan["dry_run"].value is True
    again_told = json.loads(
        (storage / "imports-done" / str(project) / f"{tool.main}.report.json").read_text("utf-8")
    )
    assert again_told["sections"]["flows"]["updated"] == 1
    assert again_told["sections"]["sheets"]["updated"] == 0
