"""What all rules share while one story is checked."""

from dataclasses import dataclass, field

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.validation.findings import Entity, Findings, Here
from storyarn_pipelines.validation.index import StoryIndex
from storyarn_pipelines.validation.rows import IdSet
from storyarn_pipelines.validation.text_rows import TextRows


@dataclass(frozen=True, slots=True)
class Run:
    """One validation: its input, what is known so far, and what was found."""

    story: StoryReader
    options: ExportOptions
    index: StoryIndex
    texts: TextRows
    findings: Findings = field(default_factory=Findings)
    nodes: IdSet = field(default_factory=IdSet)
    used_sheets: set[int] = field(default_factory=set)
    used_shortcuts: set[str] = field(default_factory=set)
    calls: dict[int, set[int]] = field(default_factory=dict)
    line_hashes: IdSet = field(default_factory=IdSet)
    statistics: dict[str, int] = field(default_factory=dict)

    def add(self, code: str, here: Here, target: Entity | None = None, **words: object) -> None:
        """Report one finding."""
        self.findings.add(code, here, target, **words)

    def count(self, what: str, number: int = 1) -> None:
        """Count something that was checked."""
        name = f"checked_{what}"
        self.statistics[name] = self.statistics.get(name, 0) + number
