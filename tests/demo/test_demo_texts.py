"""Every text of the sample is there in three languages, in a believable state of work."""

import re
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest

from storyarn_pipelines.demo import DemoProject

Row = Mapping[str, Any]
Live = dict[str, list[Row]]

PLACEHOLDER = re.compile(r"\{[^{}]*\}|\$[a-z_]+(?:\.[a-z_]+)+|data-(?:id|ref)=\"[^\"]*\"")


def sources(live: Live) -> dict[tuple[str, int, str], str]:
    """List every text that Storyarn would put up for translation (model, section 7)."""
    found = {("sheet", sheet["id"], "name"): sheet["name"] for sheet in live["sheets"]}
    sheets = {sheet["id"] for sheet in live["sheets"]}
    for block in live["blocks"]:
        is_text = block["type"] in ("text", "rich_text") and block["sheet_id"] in sheets
        if is_text and block["variable_name"] and not block["is_constant"]:
            found["block", block["id"], "value.content"] = block["value"]["content"]
    for node in live["flow_nodes"]:
        data, id_ = node["data"], node["id"]
        if node["type"] == "dialogue":
            for field in ("text", "stage_directions", "menu_text"):
                found["flow_node", id_, field] = data[field]
            for response in data["responses"]:
                found["flow_node", id_, f"response.{response['id']}.text"] = response["text"]
        elif node["type"] == "exit":
            found["flow_node", id_, "label"] = data["label"]
    return {key: text for key, text in found.items() if text}


@pytest.mark.parametrize("locale", ["es", "de"])
def test_every_text_has_a_row_in_each_target_language(
    demo: DemoProject, live: Live, locale: str
) -> None:
    rows = [row for row in demo.rows["localized_texts"] if row["locale_code"] == locale]
    stored = {
        (row["source_type"], row["source_id"], row["source_field"]): row["source_text"]
        for row in rows
    }
    assert stored == sources(live)
    assert len(rows) == len(stored)


def test_translations_keep_placeholders_and_final_ones_are_current(demo: DemoProject) -> None:
    for row in demo.rows["localized_texts"]:
        assert row["source_text_hash"] == sha256(row["source_text"].encode()).hexdigest()
        if row["status"] == "final":
            assert row["translated_source_hash"] == row["source_text_hash"]
        if row["translated_text"] and row["archived_at"] is None:
            wanted = Counter(PLACEHOLDER.findall(row["source_text"]))
            assert Counter(PLACEHOLDER.findall(row["translated_text"])) == wanted


def test_every_translation_state_appears(demo: DemoProject) -> None:
    rows = demo.rows["localized_texts"]
    assert {row["status"] for row in rows} == {
        "pending", "draft", "in_progress", "review", "final",
    }  # fmt: skip
    assert {row["vo_status"] for row in rows} == {"none", "needed", "recorded", "approved"}
    assert any(row["translated_source_hash"] not in (None, row["source_text_hash"]) for row in rows)
    assert any(row["archived_at"] for row in rows)


def test_word_counts_are_those_of_the_texts(live: Live) -> None:
    counted: Counter[tuple[str, int]] = Counter()
    for (kind, id_, _), text in sources(live).items():
        counted[kind, id_] += len(re.sub(r"<[^>]+>", " ", text).split())
    for node in live["flow_nodes"]:
        assert node["word_count"] == counted["flow_node", node["id"]]
    for block in live["blocks"]:
        if ("block", block["id"]) in counted:
            assert block["word_count"] == counted["block", block["id"]]
