"""A selection lacks the rest of the project: rules then say less, and nothing wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.tables import SECTIONS, Section
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.validation import RULES, ValidationResult, validate
from tests.validation.projects import WHEN, validated

Validate = Callable[..., ValidationResult]


@pytest.mark.parametrize(
    "options",
    [
        {"sheet_ids": [1013]},
        {"sheet_ids": []},
        {"flow_ids": [1051]},
        {"flow_ids": [1052]},
        {"scene_ids": []},
        {"include_sheets": False},
        {"include_flows": False},
        {"include_scenes": False},
        {"include_localization": False},
        {"include_sheets": False, "include_flows": False, "include_scenes": False},
    ],
)
def test_a_part_of_a_sound_project_is_sound(
    studio: tuple[str, dict[str, int]], tmp_path: Path, options: dict[str, Any]
) -> None:
    url, projects = studio
    result = validated(url, projects["base"], tmp_path / "part", **options)
    assert [finding.message for finding in result.findings] == []


def test_what_is_not_selected_is_not_called_broken(validate_patch: Validate) -> None:
    result = validate_patch(
        {"flow_nodes": [{"id": "@67", "data": {"referenced_flow_id": "@999"}}]},
        flow_ids=[1051],
    )
    assert result.findings == ()


def test_what_is_left_out_of_other_sections_is_still_judged(validate_patch: Validate) -> None:
    data = {"speaker_sheet_id": "@999", "text": "<p>Draw!</p>"}
    result = validate_patch({"flow_nodes": [{"id": "@82", "data": data}]}, flow_ids=[1052])
    assert result.counts == {"SA0301": 1}


def test_rules_that_need_the_whole_project_say_that_they_did_not_judge(
    validate_patch: Validate,
) -> None:
    result = validate_patch({}, flow_ids=[1051])
    assert set(result.not_judged) == {"orphan_pages", "unused_variables"}
    assert set(result.not_judged) <= set(RULES)
    assert all("flows" in reason for reason in result.not_judged.values())


def test_a_whole_project_is_judged_by_all_rules(validate_patch: Validate) -> None:
    assert validate_patch({}).not_judged == {}


def test_media_that_a_selection_names_are_judged(validate_patch: Validate) -> None:
    result = validate_patch(
        {"sheets": [{"id": "@12", "banner_asset_id": "@999"}]}, sheet_ids=[1012]
    )
    assert result.counts == {"SA1001": 1}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_snapshot_of_one_section_is_judged_by_itself(
    studio: tuple[str, dict[str, int]], tmp_path: Path, section: Section
) -> None:
    url, projects = studio
    options = ExportOptions()
    project = str(projects["base"])
    collect(url, project, options, tmp_path, collected_at=WHEN, sections=[section])
    assert validate(StoryReader(tmp_path), options).findings == ()
