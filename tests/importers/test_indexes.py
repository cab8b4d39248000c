"""Which index rows follow from rows of a file."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.content.json_text import Latest
from storyarn_pipelines.content.references import entity_references_of_node
from storyarn_pipelines.content.variables import variables_of_node
from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.identity import Identities
from storyarn_pipelines.importers.indexes import Indexes
from storyarn_pipelines.importers.rows import Row

RULE = {"sheet": "mc", "variable": "health"}
CONDITION = {"logic": "all", "blocks": [{"type": "block", "rules": [RULE]}]}
MENTIONS = [
    '<i class="mention" data-type="sheet" data-id="7">x</i>',
    '<I CLASS="&#109;ention" data-type="flow" data-id="8">x</I>',
    "<i class=x>",
    "no < mention",
]
texts = st.sampled_from(MENTIONS) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5
)
datas = st.fixed_dictionaries(
    {},
    optional={
        "text": texts,
        "speaker_sheet_id": st.sampled_from([7, "9", None, "x"]),
        "location_sheet_id": st.sampled_from([7, None]),
        "condition": st.sampled_from([CONDITION, None]),
        "assignments": st.just([RULE]),
        "responses": st.lists(
            st.fixed_dictionaries(
                {"text": texts, "condition": st.sampled_from([json.dumps(CONDITION), None])}
            ),
            max_size=2,
        ),
    },
)


class Stage:
    """Keeps index rows."""

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []

    def add_reference(self, table: str, fields: Sequence[bytes]) -> None:
        self.rows.append((table, *fields[-2:]))


def spelled(value: Any, *, escaped: bool) -> str:
    """JSON, on demand with every ASCII character of a text as an escape."""
    if isinstance(value, dict):
        pairs = (
            f"{spelled(key, escaped=escaped)}: {spelled(inner, escaped=escaped)}"
            for key, inner in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(spelled(inner, escaped=escaped) for inner in value) + "]"
    if isinstance(value, str) and escaped:
        letters = (f"\\u{ord(x):04x}" if x.isascii() else json.dumps(x)[1:-1] for x in value)
        return '"' + "".join(letters) + '"'
    return json.dumps(value)


@given(st.sampled_from(["dialogue", "condition", "instruction", "hub"]), datas, st.booleans())
def test_a_node_is_indexed_as_its_data_says_however_json_spells_it(
    kind: str, data: dict[str, Any], escaped: bool
) -> None:
    stage = Stage()
    values = {"type": msgspec.json.encode(kind), "data": spelled(data, escaped=escaped).encode()}
    row = Row(t.FLOW_NODES, "/flows/0/nodes/0", values)
    Indexes(stage, Identities(), {}, Latest()).note(row, b"1", values)
    entities = [
        ("entity_references", b"%d" % x.target_id, x.context.encode())
        for x in entity_references_of_node(kind, data)
    ]
    variables = [
        ("variable_references", x.sheet.encode(), x.variable.encode())
        for x in variables_of_node(kind, data)
    ]
    assert stage.rows == [*entities, *variables]
