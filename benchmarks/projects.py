"""Projects of any size, written by COPY into an empty database."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

STAMP = "2026-01-01 00:00:00"
PROJECT = "bench"
_VARIABLES_PER_SHEET = 12
_CONDITION_EVERY, _INSTRUCTION_EVERY = 3, 5
"""Of so many responses one asks a variable, or changes one."""

_VALUES = 97
_LINE = (
    "<p>Traveller {number}, you have come a long way to see the lighthouse of flow {flow}, "
    'and the keeper said: "not before the tide turns".</p>'
)


@dataclass(frozen=True, slots=True)
class Size:
    """How big a project is; every flow has an entry and an exit beside its dialogues."""

    flows: int
    dialogues_per_flow: int
    responses_per_dialogue: int = 0
    variables: int = 1_000
    translated: bool = False

    @property
    def nodes(self) -> int:
        """All nodes of all flows."""
        return self.flows * (self.dialogues_per_flow + 2)


SMALL = Size(flows=5, dialogues_per_flow=998)
LARGE = Size(flows=500, dialogues_per_flow=998)
# The script of Planescape: Torment: 806 flows, 16,000 lines, 45,000 responses, 15,000 conditions,
# 9,500 instructions, 1,056 variables.
TORMENT = Size(
    flows=806, dialogues_per_flow=20, responses_per_dialogue=3, variables=1_056, translated=True
)


def generate(url: str, size: Size) -> None:
    """Fill a database that holds Storyarn's empty tables."""
    with psycopg.connect(url) as connection:
        # The triggers would touch the project's row once for every row.
        connection.execute("SET session_replication_role = replica")
        _owners(connection)
        _sheets(connection, size)
        _flows(connection, size)
        if size.translated:
            _texts(connection, size)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _copy(
    connection: psycopg.Connection, table: str, columns: str, rows: Iterable[tuple[object, ...]]
) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns.split()))
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for row in rows:
            copy.write_row(row)


def _owners(connection: psycopg.Connection) -> None:
    stamps = (STAMP, STAMP)
    _copy(connection, "users", "id email inserted_at updated_at", [(1, "a@example.test", *stamps)])
    _copy(
        connection,
        "workspaces",
        "id name slug owner_id inserted_at updated_at",
        [(1, "Bench", PROJECT, 1, *stamps)],
    )
    _copy(
        connection,
        "projects",
        "id name slug workspace_id owner_id inserted_at updated_at",
        [(1, "Bench", PROJECT, 1, 1, *stamps)],
    )
    _copy(
        connection,
        "project_languages",
        "id project_id locale_code name is_source position inserted_at updated_at",
        [(1, 1, "en", "English", True, 0, *stamps), (2, 1, "es", "Spanish", False, 1, *stamps)],
    )


def _sheets(connection: psycopg.Connection, size: Size) -> None:
    count = -(-size.variables // _VARIABLES_PER_SHEET)
    _copy(
        connection,
        "sheets",
        "id name position shortcut project_id inserted_at updated_at",
        ((i, f"Sheet {i}", i, f"mc.s{i}", 1, STAMP, STAMP) for i in range(1, count + 1)),
    )
    _copy(
        connection,
        "blocks",
        "id type position config value variable_name sheet_id inserted_at updated_at",
        (
            (
                number + 1,
                "number",
                number % _VARIABLES_PER_SHEET,
                '{"label": "Number"}',
                '{"content": 5}',
                f"v{number % _VARIABLES_PER_SHEET}",
                number // _VARIABLES_PER_SHEET + 1,
                STAMP,
                STAMP,
            )
            for number in range(size.variables)
        ),
    )


def _flows(connection: psycopg.Connection, size: Size) -> None:
    _copy(
        connection,
        "flows",
        "id name position shortcut is_main project_id inserted_at updated_at",
        (
            (i, f"Flow {i}", i, f"act.f{i}", i == 1, 1, STAMP, STAMP)
            for i in range(1, size.flows + 1)
        ),
    )
    _copy(
        connection,
        "flow_nodes",
        "id type position_x position_y data flow_id word_count inserted_at updated_at",
        _nodes(size),
    )
    _copy(
        connection,
        "flow_connections",
        "id source_pin target_pin flow_id source_node_id target_node_id inserted_at updated_at",
        ((number, *row, STAMP, STAMP) for number, row in enumerate(_connections(size), start=1)),
    )


def _nodes(size: Size) -> Iterator[tuple[object, ...]]:
    per_flow = size.dialogues_per_flow + 2
    sheets = -(-size.variables // _VARIABLES_PER_SHEET)
    for flow in range(1, size.flows + 1):
        for place in range(per_flow):
            node = (flow - 1) * per_flow + place + 1
            kind = {0: "entry", per_flow - 1: "exit"}.get(place, "dialogue")
            data: dict[str, object] = {}
            if kind == "dialogue":
                data = _dialogue(node, flow, 1 + node % sheets, size)
            elif kind == "exit":
                data = {"label": "End", "exit_mode": "terminal"}
            text = json.dumps(data)
            yield node, kind, place * 10.5, flow, text, flow, 20, STAMP, STAMP


def _dialogue(node: int, flow: int, speaker: int, size: Size) -> dict[str, object]:
    return {
        "text": _LINE.format(number=node, flow=flow),
        "speaker_sheet_id": speaker,
        "localization_id": f"dialogue_{node}",
        "stage_directions": "",
        "menu_text": "",
        "technical_id": f"t_{node}",
        "audio_asset_id": None,
        "avatar_id": None,
        "responses": [
            _response(number, node * size.responses_per_dialogue + number, size)
            for number in range(size.responses_per_dialogue)
        ],
    }


def _response(number: int, ordinal: int, size: Size) -> dict[str, object]:
    """A response; ``ordinal`` counts those of the whole project, few of which ask the same."""
    has_condition = ordinal % _CONDITION_EVERY == 0
    has_instruction = ordinal % _INSTRUCTION_EVERY == 0
    sheet, name = divmod(ordinal % size.variables, _VARIABLES_PER_SHEET)
    variable = {"sheet": f"mc.s{sheet + 1}", "variable": f"v{name}"}
    value = str(ordinal % _VALUES)
    return {
        "id": f"response_{number}",
        "text": f"I have heard the bell {number} times.",
        "condition": _condition(variable, value) if has_condition else None,
        "instruction": None,
        "instruction_assignments": [_assignment(variable, value)] if has_instruction else [],
    }


def _condition(variable: dict[str, str], value: str) -> str:
    rule = {"id": "rule_1", **variable, "operator": "less_than", "value": value}
    block = {"id": "block_1", "type": "block", "logic": "all", "rules": [rule]}
    return json.dumps({"logic": "all", "blocks": [block]})


def _assignment(variable: dict[str, str], value: str) -> dict[str, object]:
    return {
        "id": "assign_1",
        **variable,
        "operator": "add",
        "value": value,
        "value_type": "literal",
        "value_sheet": None,
    }


def _connections(size: Size) -> Iterator[tuple[object, ...]]:
    per_flow = size.dialogues_per_flow + 2
    for flow in range(1, size.flows + 1):
        for place in range(per_flow - 1):
            node = (flow - 1) * per_flow + place + 1
            pins = [f"response_{x}" for x in range(size.responses_per_dialogue)] if place else []
            for pin in pins or ["output"]:
                yield pin, "input", flow, node, node + 1


def _texts(connection: psycopg.Connection, size: Size) -> None:
    columns = (
        "id project_id source_type source_id source_field source_text source_text_hash locale_code "
        "translated_text status translated_source_hash content_role vo_eligible word_count "
        "inserted_at updated_at"
    )
    _copy(connection, "localized_texts", columns, _text_rows(size))


def _text_rows(size: Size) -> Iterator[tuple[object, ...]]:
    number = 0
    for node, kind, _, flow, *_ in _nodes(size):
        if kind != "dialogue":
            continue
        fields = {"text": (_LINE.format(number=node, flow=flow), "dialogue")}
        for place in range(size.responses_per_dialogue):
            name = f"response.response_{place}.text"
            fields[name] = f"I have heard the bell {place} times.", "response"
        for field, (text, role) in fields.items():
            number += 1
            digest = hashlib.sha256(text.encode()).hexdigest()
            start = (number, 1, "flow_node", node, field, text, digest, "es", f"ES {text}")
            yield (*start, "final", digest, role, True, 12, STAMP, STAMP)
