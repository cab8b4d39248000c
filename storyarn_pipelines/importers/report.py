"""What an import did, or would do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import SECTIONS, Table

OUTCOMES = ("new", "updated", "merged", "skipped", "unchanged")
"""What can happen to an entity of the file."""

ENTITY_TABLES: tuple[Table, ...] = (
    t.SHEETS, t.FLOWS, t.SCENES, t.PROJECT_LANGUAGES, t.LOCALIZED_TEXTS, t.GLOSSARY_ENTRIES,
    t.ASSETS,
)  # fmt: skip
"""The tables whose rows are entities; all others hang from them."""


@dataclass(slots=True)
class ImportReport:
    """Counts of entities by section and outcome, and what a person should know.

    ``plan`` tells entities that are new, differ, or are in the project only: ``gone``, which
    never means that they are removed. ``locked_seconds`` is how long the changing transaction
    ran; None where nothing was changed.
    """

    project: dict[str, Any]
    conflicts: str
    ids: str
    dry_run: bool
    sections: dict[str, dict[str, int]] = field(
        default_factory=lambda: {name: dict.fromkeys(OUTCOMES, 0) for name in SECTIONS}
    )
    rows: Mapping[str, int] = field(default_factory=dict)
    conversions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    plan: list[dict[str, Any]] = field(default_factory=list)
    unlisted: int = 0
    gone: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SECTIONS, 0))
    seconds: float = 0.0
    locked_seconds: float | None = None

    def note_existing(self, table: Table, outcome: str) -> None:
        """Count an entity that stays as it is: the same in both, or not in the file (gone)."""
        if outcome == "gone":
            self.gone[table.section] += 1
        else:
            self.count(table, outcome)

    def clear(self) -> None:
        """Count from nothing again."""
        for outcomes in self.sections.values():
            outcomes.update(dict.fromkeys(OUTCOMES, 0))

    def count(self, table: Table, outcome: str, number: int = 1) -> None:
        """Count entities of a table."""
        self.sections[table.section][outcome] += number

    def as_dict(self) -> dict[str, Any]:
        """The report as ``storyarn import --json`` prints it."""
        return {
            "project": self.project,
            "dry_run": self.dry_run,
            "conflicts": self.conflicts,
            "ids": self.ids,
            "sections": self.sections,
            "rows": dict(self.rows),
            "conversions": self.conversions,
            "warnings": self.warnings,
            "errors": self.errors,
            "gone": self.gone,
            "plan": self.plan,
            "plan_unlisted": self.unlisted,
            "seconds": self.seconds,
            "locked_seconds": self.locked_seconds,
        }
