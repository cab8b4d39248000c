"""The asset graph as Dagster sees it, and runs of it in process."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
from dagster_aws.s3 import S3Resource

from storyarn_pipelines.definitions import defs
from storyarn_pipelines.domain.options import ExportOptions, option_names
from storyarn_pipelines.domain.tables import SECTIONS
from storyarn_pipelines.resources import StoryarnResource
from storyarn_pipelines.sensors import PARTITION_TAG, projects_sensor
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.validation import RULES

MINI = "mini.7"
Execute = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the storage of a test lies."""
    return tmp_path / "home"


@pytest.fixture
def environment(mini_url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings that runs read."""
    for name in ("STORYARN_STORAGE_URL", "STORYARN_MEDIA_URL", "STORYARN_WORK_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STORYARN_DATABASE_URL", mini_url)
    monkeypatch.setenv("STORYARN_HOME", str(home))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance that knows the partition of mini.sql."""
    with dg.DagsterInstance.ephemeral() as made:
        made.add_dynamic_partitions("projects", [MINI, "other.8"])
        yield made


@pytest.fixture
def execute(environment: None, instance: dg.DagsterInstance) -> Execute:
    """Runs a job for one partition."""

    def run(
        job: str = "export_storyarn", key: str = MINI, options: Any = None, **more: Any
    ) -> dg.ExecuteInProcessResult:
        # mini.sql is full of mistakes on purpose.
        chosen = {"validate_before_export": False, **(options or {})}
        config = {"resources": {"export_options": {"config": chosen}}}
        return defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            partition_key=key,
            run_config=config,
            raise_on_error=False,
            **more,
        )

    return run


def metadata(result: dg.ExecuteInProcessResult, *asset: str) -> dict[str, Any]:
    """The metadata of an asset's materialization in a run."""
    key = dg.AssetKey(asset)
    for event in result.all_events:
        if event.event_type_value == "ASSET_MATERIALIZATION" and event.asset_key == key:
            found = event.materialization.metadata
            return {
                name: value if isinstance(value, dg.TableMetadataValue) else value.value
                for name, value in found.items()
            }
    raise AssertionError(f"{key} was not materialized")


def contents(found: dict[str, Any]) -> dict[str, int]:
    """The table of contents in an artifact's metadata."""
    return {row.data["what"]: row.data["count"] for row in found["contents"].records}


def failure(result: dg.ExecuteInProcessResult) -> str:
    """What the failing step said."""
    data = next(x for x in result.all_events if x.event_type_value == "STEP_FAILURE")
    details: Any = data.event_specific_data
    return str(details.user_failure_data.description)


def test_the_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)


def test_the_graph_has_a_chain_for_every_format_behind_the_snapshot() -> None:
    graph = defs.resolve_asset_graph()
    snapshot = {dg.AssetKey(["snapshot", section]) for section in SECTIONS}
    assert snapshot <= graph.get_all_asset_keys()
    for name, serializer in FORMATS.items():
        artifact = graph.get(dg.AssetKey([name, "artifact"]))
        assert {dg.AssetKey(["snapshot", x]) for x in serializer.sections} <= artifact.parent_keys
        published = graph.get(dg.AssetKey([name, "published"]))
        assert published.parent_keys == {artifact.key}
        assert artifact.group_name == published.group_name == f"export_{name}"


def test_every_asset_is_limited_by_its_pool_and_all_but_imports_are_partitioned() -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        if node.group_name == "import":
            assert node.partitions_def is None
            assert node.pools == {"imports"}
            continue
        assert node.partitions_def is not None
        assert node.partitions_def.name == "projects"  # type: ignore[attr-defined]
        assert node.pools == {"maintenance" if key.path[-1] == "verified" else "exports"}


def test_the_launchpad_asks_for_every_option_once() -> None:
    job = defs.resolve_job_def("export_storyarn")
    resource = job.resource_defs["export_options"]
    config_type: Any = resource.config_schema.config_type
    fields = config_type.fields
    assert set(fields) == set(option_names())
    assert all(field.description for field in fields.values())
    assert not any(field.is_required for field in fields.values())


def test_a_run_publishes_the_golden_file_and_says_so(execute: Execute, home: Path) -> None:
    result = execute()
    assert result.success
    golden = (Path(__file__).parents[1] / "data" / "mini.json").read_bytes()
    published = metadata(result, "storyarn", "published")
    assert Path(published["location"]).read_bytes() == golden
    assert published["key"] == f"exports/7/{result.run_id}/mini-storyarn.json"
    artifact = metadata(result, "storyarn", "artifact")
    assert artifact["bytes"] == len(golden)
    assert contents(artifact)["nodes"] == 19
    assert artifact["preview"].startswith('```json\n{\n  "storyarn_version"')
    assert metadata(result, "snapshot", "flows")["dagster/row_count"] == 42


def test_export_all_makes_every_format_from_one_snapshot(execute: Execute) -> None:
    result = execute("export_all")
    assert result.success
    for name in FORMATS:
        assert metadata(result, name, "published")["key"].startswith("exports/7/")


def test_options_reach_every_step(execute: Execute) -> None:
    options = {"pretty_print": False, "flow_ids": [503], "include_scenes": False}
    result = execute(options=options)
    assert result.success
    document = json.loads(Path(metadata(result, "storyarn", "published")["location"]).read_bytes())
    assert "maps" not in document
    assert [flow["id"] for flow in document["flows"]] == ["503"]


@pytest.mark.parametrize(
    ("key", "options", "said"),
    [
        (MINI, {"include_assets": "zip"}, "option include_assets: 'zip' is not allowed"),
        (MINI, {"flow_ids": [9]}, "option flow_ids: 9 is not allowed"),
        (MINI, {"include_assets": "bundled"}, "check STORYARN_MEDIA_URL"),
    ],
)
def test_a_failure_is_one_clear_line_without_retries(
    execute: Execute, home: Path, key: str, options: dict[str, object], said: str
) -> None:
    result = execute(key=key, options=options)
    assert not result.success
    assert said in failure(result)
    assert "STEP_UP_FOR_RETRY" not in {x.event_type_value for x in result.all_events}
    assert not (home / "storage" / "exports").exists()


def test_a_partition_of_no_project_fails_clearly(
    execute: Execute, instance: dg.DagsterInstance
) -> None:
    instance.add_dynamic_partitions("projects", ["ghost.99"])
    assert "project '99' does not exist" in failure(execute(key="ghost.99"))


def test_two_runs_with_other_options_never_see_each_others_files(execute: Execute) -> None:
    full = execute()
    small = execute(options={"include_flows": False})
    again = execute(asset_selection=[dg.AssetKey(["storyarn", "artifact"])])
    assert contents(metadata(again, "storyarn", "artifact"))["nodes"] == 19
    assert contents(metadata(small, "storyarn", "artifact"))["nodes"] == 0
    sha = metadata(full, "storyarn", "artifact")["sha256"]
    assert metadata(again, "storyarn", "artifact")["sha256"] == sha


def test_a_step_alone_without_an_earlier_one_says_which_to_run(execute: Execute) -> None:
    result = execute(asset_selection=[dg.AssetKey(["storyarn", "artifact"])])
    assert "snapshot/sheets was never made with these options" in failure(result)


def test_a_part_of_the_snapshot_is_not_enough_for_an_artifact(execute: Execute) -> None:
    some = [dg.AssetKey(["snapshot", "sheets"]), dg.AssetKey(["storyarn", "artifact"])]
    result = execute(asset_selection=some)
    assert "collect all sections in one run" in failure(result)


def test_a_re_execution_from_failure_keeps_the_snapshot_and_the_options(
    execute: Execute, mini_url: str, home: Path, instance: dg.DagsterInstance
) -> None:
    blocker = home / "storage" / "exports"
    blocker.parent.mkdir(parents=True)
    blocker.write_text("in the way")
    first = execute(options={"pretty_print": False})
    assert not first.success
    blocker.unlink()
    retried = dg.execute_job(
        dg.reconstructable(export_storyarn),
        instance=instance,
        tags={PARTITION_TAG: MINI},
        run_config=instance.get_run_by_id(first.run_id).run_config,  # type: ignore[union-attr]
        reexecution_options=dg.ReexecutionOptions.from_failure(first.run_id, instance),
    )
    assert retried.success
    done = {x.step_key for x in retried.get_step_success_events()}
    assert done == {"storyarn__published"}
    stored = list((home / "storage" / "exports").rglob("*.json"))
    assert [x.parent.name for x in stored] == [first.run_id]
    assert stored[0].read_bytes().count(b"\n") == 1


def export_storyarn() -> dg.JobDefinition:
    """The job, where a re-execution can find it again."""
    return defs.resolve_job_def("export_storyarn")


def test_a_database_that_is_away_is_tried_again(
    execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORYARN_DATABASE_URL", "postgresql://127.0.0.1:1/none?connect_timeout=1")
    result = execute()
    kinds = [x.event_type_value for x in result.all_events]
    assert kinds.count("STEP_UP_FOR_RETRY") == 3
    assert failure(result).startswith("database: connection to server")


def sensed(instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    """One tick of the partitions sensor."""
    resources = {"storyarn": StoryarnResource(s3=S3Resource())}
    with dg.build_sensor_context(instance=instance, resources=resources) as context:
        result = projects_sensor(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def test_the_sensor_adds_new_projects_and_removes_gone_ones(
    environment: None, mini_url: str, instance: dg.DagsterInstance
) -> None:
    instance.delete_dynamic_partition("projects", "other.8")
    instance.add_dynamic_partitions("projects", ["gone.5"])
    result = sensed(instance)
    assert isinstance(result, dg.SensorResult)
    requests = list(result.dynamic_partitions_requests or [])
    assert [sorted(x.partition_keys) for x in requests] == [["other.8"], ["gone.5"]]


def test_the_sensor_skips_when_nothing_changed_or_the_database_is_away(
    environment: None, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(sensed(instance), dg.SkipReason)
    monkeypatch.setenv("STORYARN_DATABASE_URL", "postgresql://127.0.0.1:1/none?connect_timeout=1")
    skipped = sensed(instance)
    assert isinstance(skipped, dg.SkipReason)
    assert "STORYARN_DATABASE_URL" in (skipped.skip_message or "")


def test_default_options_of_the_launchpad_are_those_of_the_command_line(execute: Execute) -> None:
    found = metadata(execute(), "storyarn", "artifact")
    assert found["options"] == {"validate_before_export": False}
    expected = ExportOptions(validate_before_export=False)
    assert found["storyarn/options"] == expected.digest()


def checks(result: dg.ExecuteInProcessResult) -> dict[str, tuple[bool, dg.AssetCheckSeverity]]:
    """The checks of a run: passed, and severity."""
    found = result.get_asset_check_evaluations()
    return {x.check_name: (x.passed, x.severity) for x in found}


def test_there_is_one_check_for_every_rule(execute: Execute) -> None:
    found = checks(execute())
    assert set(found) == set(RULES)
    assert found["multiple_entries"][0]
    assert not found["broken_references"][0]


def test_errors_stop_the_export_where_they_are_asked_to(execute: Execute, home: Path) -> None:
    result = execute(options={"validate_before_export": True})
    assert not result.success
    assert checks(result)["broken_references"] == (False, dg.AssetCheckSeverity.ERROR)
    assert checks(result)["orphan_nodes"] == (False, dg.AssetCheckSeverity.WARN)
    assert "storyarn__artifact" not in {x.step_key for x in result.all_events}
    assert not (home / "storage" / "exports").exists()


def test_errors_are_warnings_where_validation_is_off(execute: Execute) -> None:
    result = execute()
    assert result.success
    assert {severity for _, severity in checks(result).values()} == {dg.AssetCheckSeverity.WARN}
    report = metadata(result, "validation_report")
    assert report["status"] == "errors"
    assert report["errors"] > 0
    assert report["diagnostics"].records[0].data["code"].startswith("SA")


def test_only_reading_rights_are_needed(execute: Execute, mini_url: str) -> None:
    with psycopg.connect(mini_url) as connection:
        before = connection.execute("SELECT last_activity_at FROM projects WHERE id = 7").fetchone()
        execute()
        after = connection.execute("SELECT last_activity_at FROM projects WHERE id = 7").fetchone()
    assert before == after
