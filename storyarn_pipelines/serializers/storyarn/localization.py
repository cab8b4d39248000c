"""Languages, strings by key, and the glossary."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.columns import DERIVED, Kind
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.serializers.storyarn.cells import json_texts
from storyarn_pipelines.serializers.storyarn.document import Document
from storyarn_pipelines.serializers.storyarn.rows import Layout, RowTexts, json_key, numbers, slices
from storyarn_pipelines.snapshot.batches import TableBatches, column_kind
from storyarn_pipelines.snapshot.read_ahead import read_ahead

_Group = tuple[str | None, ...]
"""The values of the columns that a group shares."""


@dataclass(frozen=True, slots=True)
class _Grouping:
    """Rows that share ``group`` columns form one object, each under its ``key`` in there.

    ``members`` are columns that the object takes from its first row. ``frames`` are the brackets
    from the list of objects down to the rows.
    """

    table: Table
    group: tuple[str, ...]
    key: str
    members: tuple[str, ...]
    frames: bytes

    @property
    def layout(self) -> Layout:
        return Layout(hidden=frozenset({*self.group, self.key, *self.members}))


_STRINGS = _Grouping(
    t.LOCALIZED_TEXTS,
    (f"{DERIVED}key",),
    "locale_code",
    (
        "source_type",
        "source_id",
        "source_field",
        "content_role",
        "vo_eligible",
        f"{DERIVED}character_shortcut",
    ),
    b"{{{",
)
_GLOSSARY = _Grouping(
    t.GLOSSARY_ENTRIES,
    ("source_term", "source_locale"),
    "target_locale",
    ("source_term", "source_locale"),
    b"[{{",
)


def write_languages(document: Document) -> None:
    """The ``localization`` object up to its strings."""
    stream = document.stream
    languages = [text for _, text in document.rows(t.PROJECT_LANGUAGES)]
    stream.begin(b"{", "localization")
    stream.value(orjson.dumps(document.statistics.source_language), "source_language")
    stream.begin(b"[", "languages")
    for text in languages:
        stream.many(text)
    stream.end()


def write_strings(document: Document) -> None:
    """The ``strings`` by their keys."""
    _write_groups(document, _STRINGS, "strings")


def write_glossary(document: Document) -> None:
    """The ``glossary``, and the end of the ``localization`` object."""
    _write_groups(document, _GLOSSARY, "glossary")
    document.stream.end()


def _write_groups(document: Document, grouping: _Grouping, key: str) -> None:
    """Rows come in their groups' order; a row that starts a group ends the one before it.

    The document can be cut behind every batch, in the middle of a group, too.
    """
    stream, table, frames = document.stream, grouping.table, grouping.frames
    state, position = document.goes_on_with(table), document.position(table)
    if not state:
        stream.begin(frames[:1], key)
    last = tuple(state.group) if state and state.group else None
    for batch, text in read_ahead(_group_texts(document.story, grouping, position.taken, last)):
        document.count(table, batch)
        stream.splice(text, frames, len(frames) if last else 1, len(frames))
        last = _group_of(batch, grouping, -1)
        position.taken += batch.num_rows
        document.end_entity(table, int(numbers(batch, table.key)[-1]), last)
    if last:
        stream.splice(b"}}", frames, len(frames), 1)
    stream.end()


def _group_texts(
    story: TableBatches, grouping: _Grouping, start: int, last: _Group | None
) -> Iterator[tuple[pa.RecordBatch, memoryview]]:
    """Every batch that has rows, with the text of all its groups.

    ``start`` rows are written already, the last of them of the group ``last``.
    """
    texts = RowTexts(story, grouping.table, grouping.layout)
    for batch in story.batches_after(grouping.table, start):
        if not batch.num_rows:
            continue
        firsts = _firsts(batch, grouping, last)
        led = pc.binary_join_element_wise(
            _leads(batch, grouping, firsts, opening=last is None),
            json_texts(batch.column(grouping.key), Kind.TEXT),
            ":",
            texts.format(batch, lead="{"),
            "",
        )
        data, offsets = slices(led)
        yield batch, data[offsets[0] : offsets[-1]]
        last = _group_of(batch, grouping, -1)


def _group_of(batch: pa.RecordBatch, grouping: _Grouping, row: int) -> _Group:
    return tuple(batch.column(name)[row].as_py() for name in grouping.group)


def _firsts(batch: pa.RecordBatch, grouping: _Grouping, last: _Group | None) -> pa.Array:
    """Which rows start a group; ``last`` is the group that the batch before ended in."""
    changed = np.zeros(batch.num_rows, dtype=bool)
    for name in grouping.group:
        column = batch.column(name)
        moved = pc.not_equal(column[1:], column[:-1])
        changed[1:] |= moved.to_numpy(zero_copy_only=False)
    changed[0] = _group_of(batch, grouping, 0) != last
    return pa.array(changed)


def _leads(
    batch: pa.RecordBatch, grouping: _Grouping, firsts: pa.Array, *, opening: bool
) -> pa.Array:
    """What stands before a row's key: a comma, or the end of one group and the head of the next."""
    parts: list[object] = ["{"]
    for position, name in enumerate(grouping.members):
        column = grouping.table.renames.get(name, name.removeprefix(DERIVED))
        kind = column_kind(batch.schema.field(name))
        parts += ["," * bool(position) + json_key(column) + ":"]
        parts += [json_texts(batch.column(name), kind)]
    parts += [',"translations":{']
    if grouping.frames.startswith(b"{"):
        parts = [json_texts(batch.column(grouping.group[0]), Kind.TEXT), ":", *parts]
    ends = ["}},"] * batch.num_rows
    if opening:
        ends[0] = ","
    return pc.if_else(firsts, pc.binary_join_element_wise(pa.array(ends), *parts, ""), ",")
