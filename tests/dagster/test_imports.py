"""Uploads as Dagster sees, imports and settles them."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
from dagster_aws.s3 import S3Resource

from storyarn_pipelines.assets import imports as asset_module
from storyarn_pipelines.definitions import defs
from storyarn_pipelines.resources import StoryarnResource
from storyarn_pipelines.sensors import uploads_sensor
from storyarn_pipelines.services.uploads import settle
from tests.imports.conftest import MINI, MINI_TRASH, copy_people

Put = Callable[..., str]


@pytest.fixture
def studio(
    storyarn_url: str, mini_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A database with people and no project, which runs use."""
    copy_people(mini_url, storyarn_url)
    for name in ("STORYARN_STORAGE_URL", "STORYARN_MEDIA_URL", "STORYARN_WORK_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STORYARN_DATABASE_URL", storyarn_url)
    monkeypatch.setenv("STORYARN_HOME", str(tmp_path / "home"))
    return storyarn_url


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    """The object store's directory."""
    return tmp_path / "home" / "storage"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance that remembers runs."""
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as made:
        yield made


@pytest.fixture
def put(storage: Path) -> Put:
    """Puts a file under imports/ as if it had been there for a while."""

    def run(key: str, source: Path = MINI_TRASH, options: Any = None) -> str:
        path = storage / key
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        old = time.time() - 60
        os.utime(path, (old, old))
        if options is not None:
            path.with_name(path.name + ".options.json").write_text(json.dumps(options))
        return key

    return run


def run_import(instance: dg.DagsterInstance, key: str, **config: Any) -> dg.ExecuteInProcessResult:
    """Run the job for one upload."""
    return defs.resolve_job_def("import_upload").execute_in_process(
        instance=instance,
        run_config={"resources": {"import_upload": {"config": {"key": key, **config}}}},
        raise_on_error=False,
    )


def tick(instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult:
    """One look of the sensor."""
    resources = {"storyarn": StoryarnResource(s3=S3Resource())}
    with dg.build_sensor_context(instance=instance, resources=resources, cursor=cursor) as context:
        result: Any = uploads_sensor(context)
    assert isinstance(result, dg.SensorResult)
    return result


def projects(url: str) -> list[Any]:
    """Ids and slugs."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT id, slug::text FROM projects ORDER BY id").fetchall()


def test_an_upload_becomes_a_project_and_moves_to_the_done_ones(
    studio: str, instance: dg.DagsterInstance, put: Put, storage: Path
) -> None:
    result = run_import(instance, put("imports/new/studio/story.json"))
    assert result.success
    assert projects(studio) == [(7, "mini")]
    done = storage / "imports-done" / "new" / "studio"
    assert sorted(x.name for x in done.iterdir()) == ["story.json", "story.json.report.json"]
    report = json.loads((done / "story.json.report.json").read_text())
    assert report["sections"]["sheets"]["new"] == 10
    assert not (storage / "imports").exists()


def test_a_bad_file_moves_to_the_failed_ones_with_the_reason(
    studio: str, instance: dg.DagsterInstance, put: Put, storage: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"export_version": "9.0.0", "project": {}}')
    assert not run_import(instance, put("imports/new/studio/bad.json", bad)).success
    report = storage / "imports-failed" / "new" / "studio" / "bad.json.report.json"
    assert "version '9.0.0' is unknown" in json.loads(report.read_text())["errors"][0]
    assert projects(studio) == []


def test_options_beside_the_file_decide_and_wrong_ones_fail_it(
    studio: str, instance: dg.DagsterInstance, put: Put, storage: Path
) -> None:
    key = put("imports/new/studio/a.json", options={"name": "Renamed", "ids": "new"})
    assert run_import(instance, key).success
    assert projects(studio)[0][1] == "renamed"
    assert (storage / "imports-done/new/studio/a.json.options.json").is_file()
    key = put("imports/new/studio/b.json", options={"conflict": "skip"})
    assert not run_import(instance, key).success
    report = storage / "imports-failed/new/studio/b.json.report.json"
    assert "unknown option 'conflict'" in json.loads(report.read_text())["errors"][0]


def test_an_upload_for_a_project_that_exists_is_planned_then_merged(
    studio: str, instance: dg.DagsterInstance, put: Put
) -> None:
    run_import(instance, put("imports/new/studio/story.json"))
    result = run_import(instance, put("imports/7/story.json", MINI), conflicts="merge")
    assert result.success
    plan = result.asset_materializations_for_node("import_plan")[0].metadata
    assert plan["dry_run"].value is True
    assert projects(studio) == [(7, "mini")]


def test_the_sensor_waits_until_a_file_is_quiet_and_asks_once(
    studio: str, instance: dg.DagsterInstance, put: Put, storage: Path
) -> None:
    put("imports/new/studio/a.json")
    fresh = storage / "imports/new/studio/fresh.json"
    fresh.write_text("{")
    first = tick(instance)
    assert not first.run_requests
    second = tick(instance, first.cursor)
    assert [
        x.run_config["resources"]["import_upload"]["config"] for x in second.run_requests or ()
    ] == [{"key": "imports/new/studio/a.json"}]
    third = tick(instance, second.cursor)
    assert [x.run_key for x in third.run_requests or ()] == [
        x.run_key for x in second.run_requests or ()
    ]


def test_an_upload_whose_run_died_is_not_forgotten(
    studio: str, instance: dg.DagsterInstance, put: Put, storage: Path
) -> None:
    put("imports/new/studio/a.json")
    request = (tick(instance, tick(instance).cursor).run_requests or [])[0]
    run = instance.create_run_for_job(
        defs.resolve_job_def("import_upload"),
        run_config=request.run_config,
        tags={"dagster/run_key": request.run_key or ""},
    )
    instance.report_run_failed(run)
    assert not tick(instance, tick(instance).cursor).run_requests
    report = storage / "imports-failed/new/studio/a.json.report.json"
    assert run.run_id in json.loads(report.read_text())["errors"][0]


def test_a_retry_after_the_commit_does_not_import_twice(
    studio: str,
    instance: dg.DagsterInstance,
    put: Put,
    storage: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The step dies between the commit and its report; its retry only writes the report."""
    key = put("imports/new/studio/story.json")
    calls: list[Any] = []

    def dies_once(*arguments: Any, **named: Any) -> str:
        calls.append(arguments)
        if len(calls) == 1:
            raise RuntimeError("killed")
        return settle(*arguments, **named)

    monkeypatch.setattr(asset_module, "settle", dies_once)
    assert run_import(instance, key).success
    assert projects(studio) == [(7, "mini")]
    report = storage / "imports-done/new/studio/story.json.report.json"
    assert json.loads(report.read_text())["sections"]["flows"]["new"] == 5
