"""What services hand back to commands, endpoints and assets."""

from dataclasses import dataclass
from pathlib import Path

from storyarn_pipelines.domain.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export made: a file (``path``) or an object (``key``); ``location`` shows either."""

    format: str
    path: Path | None
    key: str | None
    location: str
    bytes: int
    sha256: str
    files: tuple[str, ...]
    entities: dict[str, int]
    diagnostics: list[Diagnostic]
    seconds: float
