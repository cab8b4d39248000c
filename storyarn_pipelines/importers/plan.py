"""What an import into an existing project does with each entity, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.import_options import Conflicts
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.compare import Match
from storyarn_pipelines.importers.labels import TYPES
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.importers.rows import Row

MAX_LISTED = 1_000
"""Entities of a plan that are told one by one; more are only counted."""

_FIELDS_LISTED = 50


@dataclass(slots=True)
class Plan:
    """Decisions about the rows of a file.

    ``known`` are ids of rows that the project has already, by the file's ids. ``staged`` are the
    places of entities that come in with everything in them, ``parts`` those of single rows inside
    of entities that stay. ``retired`` are rows of the project that an overwritten entity loses.
    """

    known: dict[Table, dict[str, int]] = field(default_factory=dict)
    staged: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    retired: dict[Table, list[int]] = field(default_factory=dict)

    def wants(self, entity: Row) -> bool:
        """Whether anything of an entity comes in."""
        return entity.pointer in self.staged or any(
            row.pointer in self.parts for row in entity.walk()
        )

    def takes(self, entity: Row, row: Row) -> bool:
        """Whether one row of an entity comes in."""
        return entity.pointer in self.staged or row.pointer in self.parts


def make_plan(matches: Iterable[Match], conflicts: Conflicts, report: ImportReport) -> Plan:
    """Decide, entity by entity; counts and listing go to the report."""
    plan = Plan()
    for match in matches:
        for before, after in match.pairs:
            if before.table.key == "id":
                plan.known.setdefault(before.table, {})[after.ref] = int(before.ref)
        if match.table is t.PROJECTS:
            continue
        outcome = _decide(plan, match, conflicts)
        if outcome in ("gone", "unchanged"):
            report.note_existing(match.table, outcome)
        else:
            report.count(match.table, outcome)
        if outcome != "unchanged":
            _list(report, match, outcome)
    return plan


def _decide(plan: Plan, match: Match, conflicts: Conflicts) -> str:
    if match.after is None:
        return "gone"
    if match.before is None:
        plan.staged.add(match.after.pointer)
        return "new"
    if not match.pairs or match.is_same:
        return "unchanged"
    if conflicts == "skip":
        return "skipped"
    if conflicts == "overwrite":
        plan.staged.add(match.after.pointer)
        for part in match.gone:
            plan.retired.setdefault(part.row.table, []).append(_id_of(part.row))
        return "updated"
    if _stamp(match.after) > _stamp(match.before):
        plan.staged.add(match.after.pointer)
    else:
        plan.parts |= {row.pointer for part in match.new for row in part.row.walk()}
    return "merged"


def _stamp(row: Row) -> str:
    """When a row was changed last: times of equal form compare as texts."""
    return row.text("updated_at") or ""


def _id_of(row: Row) -> int:
    return int(row.ref if row.table.key == "id" else (row.text(row.table.key) or 0))


def _list(report: ImportReport, match: Match, outcome: str) -> None:
    if len(report.plan) >= MAX_LISTED:
        report.unlisted += 1
        return
    entry: dict[str, Any] = {
        "section": match.table.section,
        "type": TYPES[match.table],
        "key": match.key,
        "name": match.name,
        "outcome": outcome,
    }
    if match.before is not None and match.after is not None:
        entry["fields"] = list(_fields(match))
    report.plan.append(entry)


def _fields(match: Match) -> Iterator[dict[str, Any]]:
    for found in match.differences[:_FIELDS_LISTED]:
        yield {
            "key": found.key,
            "field": found.field,
            "before": _values.decode(found.before),
            "after": _values.decode(found.after),
        }
    for name, parts in (("removed", match.gone), ("added", match.new)):
        for part in parts[:_FIELDS_LISTED]:
            yield {"key": part.key, "field": name, "before": None, "after": None}


def _number(text: str) -> float | str:
    """A number, or its text where readers of plain JSON would round it."""
    number = float(text)
    return number if repr(number) == text else text


_values = msgspec.json.Decoder(float_hook=_number)
