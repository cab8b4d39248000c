"""Why a script is refused: all reasons together, so that a writer can mend them in one go."""

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.refusal import refused

MOST = 20
"""How many reasons are told."""


class ScriptError(Exception):
    """Something that cannot be imported, at a line of the file that is being read."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


class Problems:
    """Collects reasons; the first ``MOST`` of them are told, one a line."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._count = 0

    def add(self, file: str, line: int, reason: str) -> None:
        """Note a reason. Line 0 stands for the whole file."""
        told = str(refused(file, f"line {line}" if line else "", reason))
        if told in self._found:
            return
        self._count += 1
        if len(self._found) < MOST:
            self._found.append(told)

    def check(self) -> None:
        """Raise ImportFileError if there was any reason."""
        if self._count:
            more = self._count - len(self._found)
            rest = [f"import: and {more} more problems"] if more else []
            raise ImportFileError("\n".join([*self._found, *rest]))
