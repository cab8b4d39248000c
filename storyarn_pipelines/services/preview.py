"""The beginning of an artifact, for people who look at a run."""

import zipfile
from pathlib import Path

from storyarn_pipelines.serializers.output import Artifact

_LINES, _CHARACTERS = 25, 2000


def preview(artifact: Artifact) -> str:
    """Markdown: the first lines of a plain file, or the list of a ZIP's entries."""
    if artifact.extension == "zip":
        return _listing(artifact.path)
    with artifact.path.open("rb") as file:
        text = file.read(_CHARACTERS).decode("utf-8", "ignore")
    lines = text.splitlines()[:_LINES]
    shown = "\n".join(lines).replace("```", "'''")
    return f"```{artifact.extension}\n{shown}\n```\nThe first {len(lines)} lines."


def _listing(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    rows = [f"| `{entry.filename}` | {entry.file_size:,} |" for entry in entries[:_LINES]]
    if len(entries) > _LINES:
        rows.append(f"| and {len(entries) - _LINES} more | |")
    return "\n".join(["| entry | bytes |", "|---|---:|", *rows])
