"""Shortcuts: the names under which engines and other databases know things."""

import re
from collections.abc import Iterable

from storyarn_pipelines.validation.findings import Entity, Here
from storyarn_pipelines.validation.run import Run

_SHORTCUT = re.compile(r"[a-z0-9]([a-z0-9.-]{0,48}[a-z0-9])?")


def check_shortcut(run: Run, here: Here, shortcut: str | None) -> None:
    """Check the form of one shortcut."""
    if shortcut is not None and not _SHORTCUT.fullmatch(shortcut):
        run.add("SA0801", here, shortcut=shortcut)


def check_duplicates(run: Run, entities: Iterable[Entity]) -> None:
    """Check that engines, which know letters, digits and underscores, can tell shortcuts apart."""
    owners: dict[str, Entity] = {}
    for entity in entities:
        if entity.shortcut:
            owner = owners.setdefault(_identifier(entity.shortcut), entity)
            if owner is not entity:
                run.add("SA0802", entity.itself, owner)


def _identifier(shortcut: str) -> str:
    return shortcut.casefold().replace(".", "_").replace("-", "_")
