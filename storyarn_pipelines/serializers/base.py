"""What every export format is: facts about itself and one streaming ``write``."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Protocol

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Progress, silent
from storyarn_pipelines.domain.tables import Section
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.snapshot.reader import StoryReader


class Serializer(Protocol):
    """One export format. A new one is a module with such a class and a line in the registry.

    ``target_language`` names the expression language that conditions and instructions are
    transpiled to, None where they are kept as they are.
    """

    format: ClassVar[str]
    label: ClassVar[str]
    content_type: ClassVar[str]
    file_extension: ClassVar[str]
    sections: ClassVar[tuple[Section, ...]]
    target_language: ClassVar[str | None]

    def write(
        self,
        story: StoryReader,
        out: Output,
        options: ExportOptions,
        progress: Progress = silent,
    ) -> list[Diagnostic]:
        """Write the story into named parts of ``out``, streamed; say what could not be said."""


def serialize(serializer: Serializer, story: StoryReader, options: ExportOptions) -> bytes:
    """The artifact in memory, for tests and small projects."""
    with TemporaryDirectory() as directory:
        with Output(Path(directory), serializer.file_extension) as out:
            serializer.write(story, out, options)
            artifact = out.finish()
        return artifact.path.read_bytes()
