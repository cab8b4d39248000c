"""Every code: its example shows it, the base project does not, the documentation tells it."""

from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.validation import CODES, RULES, codes_of, severity_of
from storyarn_pipelines.validation.docs import PAGE, page
from tests.validation.projects import validated

SPECIFIED = {
    "orphan_nodes": "warning",
    "broken_references": "error",
    "missing_entry": "error",
    "unreachable_nodes": "warning",
    "missing_translations": "warning",
    "circular_jumps": "warning",
    "empty_dialogue": "warning",
    "invalid_conditions": "error",
    "invalid_instructions": "error",
    "missing_speakers": "warning",
    "orphan_pages": "info",
}


@pytest.mark.parametrize("code", CODES)
def test_the_example_of_a_code_shows_this_code_and_no_other(
    studio: tuple[str, dict[str, int]], tmp_path: Path, code: str
) -> None:
    url, projects = studio
    example = CODES[code].example
    options: dict[str, Any] = {"languages": [], **example.get("options", {})}
    check_media = example.get("check_media", False)
    result = validated(url, projects[code], tmp_path / code, check_media=check_media, **options)
    assert set(result.counts) == {code}, [finding.message for finding in result.findings]
    assert all(finding.rule == CODES[code].rule for finding in result.findings)


@pytest.mark.parametrize("options", [{}, {"include_trash": True}, {"languages": []}])
def test_the_base_project_has_no_findings(
    studio: tuple[str, dict[str, int]], tmp_path: Path, options: dict[str, Any]
) -> None:
    url, projects = studio
    result = validated(url, projects["base"], tmp_path / "base", **options)
    assert [finding.message for finding in result.findings] == []
    assert result.status == "passed"


def test_every_rule_has_a_code_and_every_code_a_rule() -> None:
    assert {code.rule for code in CODES.values()} == set(RULES)


def test_the_rules_of_the_specification_come_first_with_its_severities() -> None:
    assert list(RULES)[: len(SPECIFIED)] == list(SPECIFIED)
    assert {rule: severity_of(rule) for rule in SPECIFIED} == SPECIFIED
    assert all(codes_of(rule)[0].severity == severity_of(rule) for rule in SPECIFIED)


def test_a_message_ends_with_what_to_do() -> None:
    for code in CODES.values():
        assert code.message.endswith("."), code.code
        assert code.remedy.endswith("."), code.code


def test_the_page_about_diagnostics_is_up_to_date() -> None:
    assert (Path(__file__).parents[2] / PAGE).read_text(encoding="utf-8") == page()
