"""Whole projects: the sample, and mini.sql, whose findings are pinned."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.demo import build
from storyarn_pipelines.store.load import insert_rows
from storyarn_pipelines.validation import ValidationResult
from tests.validation.projects import validated

# code, type and id of what it is about, target
MINI = """
SA0101 flow_node 616
SA0101 flow_node 617
SA0101 flow_node 623
SA0103 flow 504
SA0202 flow_connection 713 -> flow_node 614
SA0301 flow_node 612 -> sheet 205
SA0301 scene_pin 424 -> sheet 205
SA0303 flow 504 -> scene 403
SA0401 flow_node 616
SA0403 flow_node 616
SA0508 flow_node 603
SA0510 flow_node 613
SA0711 block 304
SA0711 block 306
SA0711 block 307
SA0711 block 321
SA0711 block 323
SA0711 block 331
SA0713 block 302
SA0713 block 305
SA0713 block 310
SA0801 sheet 208
SA0803 sheet 204
SA0803 sheet 206
SA0803 sheet 207
SA0803 sheet 208
SA1001 sheet 204 -> asset 105
SA1003 flow_node 617
SA1005 block 313
"""
SPANISH = """
SA0901 localized_text 1003
SA0901 localized_text 1004
SA0901 localized_text 1010
SA0901 localized_text 1011
SA0903 block 304
SA0903 flow_node 602
SA0903 flow_node 602
SA0903 flow_node 622
SA0903 flow_node 623
SA0903 sheet 201
SA0903 sheet 203
SA0903 sheet 206
SA0903 sheet 208
SA0903 sheet 209
SA0903 sheet 210
SA0903 block 331
"""
GERMAN_WITHOUT_ROWS_MISSING = """
SA0902 localized_text 1002
SA0902 localized_text 1005
SA0902 localized_text 1008
SA0904 localized_text 1002
"""


def table(result: ValidationResult) -> list[str]:
    """The findings, one a line."""
    lines = []
    for finding in result.findings:
        target = f" -> {finding.target.type} {finding.target.id}" if finding.target else ""
        lines.append(f"{finding.code} {finding.entity.type} {finding.entity.id}{target}")
    return sorted(lines)


def lines(*texts: str) -> list[str]:
    return sorted(line for text in texts for line in text.split("\n") if line)


def test_the_findings_of_mini_sql_are_these(mini_url: str, tmp_path: Path) -> None:
    result = validated(mini_url, 7, tmp_path / "mini", languages=[])
    assert table(result) == lines(MINI)
    assert result.status == "errors"


def test_the_findings_about_spanish_in_mini_sql_are_these(mini_url: str, tmp_path: Path) -> None:
    result = validated(mini_url, 7, tmp_path / "mini", languages=["es"])
    assert table(result) == lines(MINI, SPANISH)


def test_the_findings_about_german_texts_in_mini_sql_are_these(
    mini_url: str, tmp_path: Path
) -> None:
    result = validated(mini_url, 7, tmp_path / "mini", languages=["de"])
    found = [line for line in table(result) if not line.startswith("SA0903")]
    assert found == lines(MINI, GERMAN_WITHOUT_ROWS_MISSING)


def test_the_preview_policy_asks_for_any_translation(mini_url: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"languages": ["de"], "localization_policy": "preview"}
    result = validated(mini_url, 7, tmp_path / "mini", **options)
    assert "SA0902" not in result.counts
    assert result.counts["SA0904"] == 1


def test_the_findings_are_the_same_when_the_trash_travels_along(
    mini_url: str, tmp_path: Path
) -> None:
    result = validated(mini_url, 7, tmp_path / "mini", languages=[], include_trash=True)
    assert table(result) == lines(MINI)


@pytest.fixture(scope="module")
def demo_url(new_database: Callable[..., str]) -> str:
    """A database that holds the sample project."""
    url = new_database()
    insert_rows(url, build().rows)
    return url


def test_the_sample_project_has_nothing_to_warn_of_but_its_unfinished_translations(
    demo_url: str, tmp_path: Path
) -> None:
    result = validated(demo_url, 1, tmp_path / "demo")
    assert result.errors == []
    assert {finding.rule for finding in result.warnings} == {
        "missing_translations",
        "stale_translations",
    }
    assert {finding.rule for finding in result.info} == {"unused_variables"}


def test_every_text_of_the_sample_project_is_known_to_its_translators(
    demo_url: str, tmp_path: Path
) -> None:
    assert "SA0903" not in validated(demo_url, 1, tmp_path / "demo").counts


def test_the_trash_of_the_sample_project_adds_no_finding(demo_url: str, tmp_path: Path) -> None:
    plain = validated(demo_url, 1, tmp_path / "plain")
    assert validated(demo_url, 1, tmp_path / "trash", include_trash=True).counts == plain.counts
