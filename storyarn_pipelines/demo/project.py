"""The sample project as rows and media, ready to be loaded into an empty database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storyarn_pipelines.demo.compiling.flows import reserve_flows, write_flows
from storyarn_pipelines.demo.compiling.ledger import TRASHED_AT, Ledger
from storyarn_pipelines.demo.compiling.localization import Texts
from storyarn_pipelines.demo.compiling.media import write_media
from storyarn_pipelines.demo.compiling.scenes import reserve_scenes, write_scenes
from storyarn_pipelines.demo.compiling.sheets import reserve_sheets, write_sheets
from storyarn_pipelines.demo.compiling.studio import (
    PROJECT_NAME,
    PROJECT_SLUG,
    WORKSPACE_SLUG,
    write_languages,
    write_studio,
)
from storyarn_pipelines.demo.story.contents import FLOWS, SCENES, SHEETS


@dataclass(frozen=True)
class DemoProject:
    """A whole project: rows per table in loading order, and the bytes of its media by key."""

    workspace_slug: str
    slug: str
    name: str
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    media: Mapping[str, bytes]


def build() -> DemoProject:
    """Build the sample; the result is the same on every machine and at any time."""
    ledger, texts = Ledger(), Texts()
    write_studio(ledger)
    media = write_media(ledger)
    reserve_sheets(SHEETS, ledger)
    reserve_scenes(SCENES, ledger)
    reserve_flows(FLOWS, ledger)
    write_sheets(SHEETS, ledger, texts)
    write_scenes(SCENES, ledger)
    write_flows(FLOWS, ledger, texts)
    write_languages(ledger, archived_at=TRASHED_AT)
    texts.write(ledger)
    return DemoProject(WORKSPACE_SLUG, PROJECT_SLUG, PROJECT_NAME, ledger.rows, media)
