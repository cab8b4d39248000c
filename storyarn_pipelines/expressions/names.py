"""Names of variables: which sheet a joined name belongs to, and how a name is written.

::

    mc.jaime.health      #mc.jaime.health     {mc.jaime.health}     the split is looked up
    {mc.jaime:stats.con.value}    {"any sheet":"any name"}          the split is written
"""

import re
from collections.abc import Iterable

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.ast import Ref
from storyarn_pipelines.expressions.findings import Findings

_BARE = re.compile(r"[A-Za-z_]\w*(?:-+\w+)*(?:\.\w+(?:-+\w+)*)+", re.ASCII)
_BRACED = re.compile(r"[^{}\":\s](?:[^{}\":\n\r]*[^{}\":\s])?")
_BLANKS_AT_DOTS = re.compile(r"[ \t]*\.[ \t]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\([\"\\])")


class Names:
    """The variables that an expression may name. Make it once for a story."""

    def __init__(self, variables: Iterable[Variable]) -> None:
        self._by_name: dict[str, dict[Ref, str]] = {}
        self._sheets: set[str] = set()
        for variable in variables:
            ref = Ref(variable.sheet, variable.name)
            self._by_name.setdefault(variable.full_name, {})[ref] = variable.type
            self._sheets.add(variable.sheet)

    def type_of(self, ref: Ref) -> str | None:
        """The type of a variable, or None if it is not known."""
        known = self._by_name.get(ref.full_name)
        return None if known is None else known.get(ref) or next(iter(known.values()))

    def is_known(self, ref: Ref) -> bool:
        """Whether the story has a variable of that full name."""
        return ref.full_name in self._by_name

    def candidates(self, full_name: str) -> list[Ref]:
        """The ways in which known sheets allow a joined name, the longest sheet first."""
        known = self._by_name.get(full_name)
        splits = list(known) if known else self._splits(full_name)
        return sorted(splits, key=lambda ref: -len(ref.sheet))

    def _splits(self, full_name: str) -> list[Ref]:
        dots = (i for i, character in enumerate(full_name) if character == ".")
        cuts = (Ref(full_name[:i], full_name[i + 1 :]) for i in dots)
        return [ref for ref in cuts if ref.sheet in self._sheets and ref.name]


def read_ref(written: str, names: Names | None, findings: Findings) -> Ref:
    """A variable as it is written in a text, in any of the forms above."""
    inner = written.removeprefix("#")
    if inner.startswith("{"):
        inner = inner[1:-1].strip()
        quoted = _QUOTED.findall(inner) if inner.startswith('"') else []
        if quoted:
            return Ref(*(_ESCAPE.sub(r"\1", part) for part in quoted))
        sheet, colon, name = inner.removeprefix("#").partition(":")
        if colon:
            return Ref(sheet.strip(), name.strip())
    else:
        inner = _BLANKS_AT_DOTS.sub(".", inner)
    return _split(inner.removeprefix("#"), names, findings)


def _split(full_name: str, names: Names | None, findings: Findings) -> Ref:
    if names is not None:
        candidates = names.candidates(full_name)
        if len(candidates) > 1:
            readings = " or ".join(f"{{{ref.sheet}:{ref.name}}}" for ref in candidates)
            message = f"{full_name} can be read as {readings}; the first is taken"
            findings.add("EX0201", message)
        if candidates:
            if not names.is_known(candidates[0]):
                findings.add("EX0202", f"{full_name} is no variable of this story")
            return candidates[0]
        findings.add("EX0202", f"{full_name} is no variable of this story")
    sheet, _, name = full_name.rpartition(".")
    return Ref(sheet, name)


def write_ref(ref: Ref, names: Names | None) -> str:
    """The shortest form that is read as this variable again."""
    full_name = ref.full_name
    if _split(full_name, names, Findings("", None)) == ref:
        if _BARE.fullmatch(full_name):
            return full_name
        if _BRACED.fullmatch(full_name) and not full_name.startswith("#"):
            return f"{{{full_name}}}"
    parts = (ref.sheet, ref.name)
    if all(_BRACED.fullmatch(part) for part in parts) and not ref.sheet.startswith("#"):
        return f"{{{ref.sheet}:{ref.name}}}"
    sheet, name = (re.sub(r'(["\\])', r"\\\1", part) for part in parts)
    return f'{{"{sheet}":"{name}"}}'
