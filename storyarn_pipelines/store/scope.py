"""Which rows of a project an export takes: trash, selections and sections as SQL."""

from dataclasses import dataclass

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.tables import FLOWS, SCENES, SECTIONS, SHEETS, Section, Table
from storyarn_pipelines.store.sql import integer, integers
from storyarn_pipelines.store.trees import tree_ctes

SELECTABLE = {"sheet_ids": SHEETS, "flow_ids": FLOWS, "scene_ids": SCENES}
"""The options that select entities, and the trees they select from."""

_CHOICES = {table.name: (f"include_{table.name}", ids) for ids, table in SELECTABLE.items()}


_INCLUDE = {
    "sheets": "include_sheets",
    "flows": "include_flows",
    "scenes": "include_scenes",
    "localization": "include_localization",
}


def sections_of(options: ExportOptions) -> tuple[Section, ...]:
    """The sections that the options ask for; media always belong to an export."""
    return tuple(
        section
        for section in SECTIONS
        if section not in _INCLUDE or getattr(options, _INCLUDE[section])
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """One project under one set of options."""

    project_id: int
    options: ExportOptions

    @property
    def project(self) -> str:
        """The project's id as a literal."""
        return integer(self.project_id)

    def alive(self, table: Table, alias: str) -> str:
        """A condition that leaves out the trash and the archive unless they are asked for."""
        if table.trash_column is None or self.options.include_trash:
            return "TRUE"
        return f"{alias}.{table.trash_column} IS NULL"

    def chosen_ids(self, table: Table) -> tuple[int, ...] | None:
        """Ids of a selection of sheets, flows or scenes; None for all, empty for no section."""
        include, ids = _CHOICES[table.name]
        if not getattr(self.options, include):
            return ()
        chosen: tuple[int, ...] | None = getattr(self.options, ids)
        return chosen

    def everything(self, table: Table) -> str:
        """All rows of a tree that are not in the trash, whatever is selected."""
        return (
            f"SELECT id, parent_id, position, name FROM {table.name} e "
            f"WHERE e.project_id = {self.project} AND {self.alive(table, 'e')}"
        )

    def members(self, table: Table) -> str:
        """The rows of a tree that are in the file."""
        chosen = self.chosen_ids(table)
        everything = self.everything(table)
        return everything if chosen is None else f"{everything} AND e.id = ANY ({integers(chosen)})"

    def places(self, table: Table, name: str) -> str:
        """CTEs that end in ``name(id, ordinal, path)``: the rows in the file, in their order."""
        return tree_ctes(name, self.members(table))

    def paths(self, table: Table, name: str) -> str:
        """CTEs that end in ``name(id, path)`` for the whole tree, which a selection keeps."""
        return tree_ctes(name, self.everything(table))
