"""The result: the specification's shape, counts, limits, progress."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.validation import ValidationResult, findings, validate
from tests.validation.projects import validated

Validate = Callable[..., ValidationResult]
Studio = tuple[str, dict[str, int]]


def test_a_finding_has_the_keys_of_the_specification_and_ours(
    studio: Studio, tmp_path: Path
) -> None:
    url, projects = studio
    result = validated(url, projects["SA0301"], tmp_path / "s", languages=[]).as_dict()
    project = projects["SA0301"] - 1
    assert result["status"] == "errors"
    assert result["warnings"] == result["info"] == []
    assert result["errors"] == [
        {
            "rule": "broken_references",
            "severity": "error",
            "message": f'The dialogue "Draw!" ({project + 82}) in flow "Duel" (the.duel) names '
            f"sheet {project + 999} as its speaker, which was deleted or lies in the trash. "
            "Choose another sheet, or restore that one.",
            "source_type": "flow_node",
            "source_id": str(project + 82),
            "target_type": "page",
            "target_id": str(project + 999),
            "code": "SA0301",
            "where": f'flow "Duel" (the.duel) > dialogue "Draw!" ({project + 82})',
            "name": "Draw!",
            "shortcut": None,
        }
    ]


def test_statistics_count_what_was_checked(studio: Studio, tmp_path: Path) -> None:
    url, projects = studio
    statistics = validated(url, projects["base"], tmp_path / "s").as_dict()["statistics"]
    assert statistics["checked_flows"] == 2
    assert statistics["checked_pages"] == 3
    assert statistics["checked_nodes"] == 13
    assert statistics["checked_connections"] == 12
    assert statistics["checked_translations"] == 10


def test_a_finding_is_a_diagnostic_too(studio: Studio, tmp_path: Path) -> None:
    url, projects = studio
    result = validated(url, projects["SA0803"], tmp_path / "s", languages=[])
    (diagnostic,) = result.diagnostics()
    assert (diagnostic.code, diagnostic.severity) == ("SA0803", "info")
    assert diagnostic.where == 'sheet "Gnome" (gnome)'
    assert result.status == "passed"


def test_of_a_code_that_appears_often_only_some_findings_are_kept(
    validate_patch: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "KEPT_PER_CODE", 3)
    data = {"speaker_sheet_id": "@13", "text": "<p>Hm.</p>"}
    nodes = [
        {"id": f"@{number}", "flow_id": "@51", "type": "dialogue", "data": data}
        for number in range(300, 305)
    ]
    result = validate_patch({"flow_nodes": nodes})
    assert result.counts == {"SA0101": 5}
    assert result.counts_by_rule == {"orphan_nodes": 5}
    assert len(result.warnings) == len(result.of_rule("orphan_nodes")) == 3
    assert result.as_dict()["omitted"] == {"SA0101": 2}


def test_a_circle_of_flows_is_reported_once_with_its_way(validate_patch: Validate) -> None:
    back = {"label": "Won", "exit_mode": "flow_reference", "referenced_flow_id": "@51"}
    result = validate_patch({"flow_nodes": [{"id": "@83", "data": back}]})
    (finding,) = result.of_rule("circular_jumps")
    way = 'flow "Start" (start) → flow "Duel" (the.duel) → flow "Start" (start)'
    assert way in finding.message


def test_progress_ends_when_everything_was_seen(studio: Studio, tmp_path: Path) -> None:
    url, projects = studio
    validated(url, projects["base"], tmp_path / "s")
    reports: list[tuple[str, int, int]] = []
    validate(StoryReader(tmp_path / "s"), ExportOptions(), lambda *report: reports.append(report))
    step, done, total = reports[-1]
    assert step == "validate"
    assert done == total > 0


class OneFile:
    """A place that holds the image only."""

    def open_read(self, key: str) -> BinaryIO:
        if key.endswith(".png"):
            return BytesIO(b"image")
        raise StorageError(f"{key}: not there")


def test_media_are_opened_only_if_asked_for(studio: Studio, tmp_path: Path) -> None:
    url, projects = studio
    validated(url, projects["base"], tmp_path / "s")
    story = StoryReader(tmp_path / "s", OneFile())
    assert validate(story, ExportOptions()).counts == {}
    result = validate(story, ExportOptions(), check_media=True)
    assert [finding.entity.name for finding in result.errors] == ["line.mp3"]
    assert result.statistics["checked_media"] == 2
