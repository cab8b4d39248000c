"""Conditions and instructions in the language of an engine, one by one or line by line."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import orjson

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.domain.progress import Progress, silent
from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.errors import UnknownFormatError
from storyarn_pipelines.expressions.ast import Condition, Instruction
from storyarn_pipelines.expressions.emitters import EMITTERS, LANGUAGES, Emitted, Emitter
from storyarn_pipelines.expressions.emitters.domains import Domain, story_domains
from storyarn_pipelines.expressions.guessing import guessed_variables
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.sources import Kind, bad_line, read_source, try_source
from storyarn_pipelines.services.expressions import story_expressions
from storyarn_pipelines.services.scratch import scratch_directory
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.store.embedded import database_url
from storyarn_pipelines.story.variables import read_variables

MAX_LINE = 4 * 1024 * 1024
"""The longest line that is read, in bytes."""

_KINDS: Mapping[str, Kind] = {"condition": "condition", "instruction": "instruction"}
_UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeError)


class _Line(msgspec.Struct):
    """One expression of a file; the id comes back as it was written."""

    kind: str
    source: Any
    id: msgspec.Raw = msgspec.Raw(b"null")


class _Id(msgspec.Struct):
    id: msgspec.Raw = msgspec.Raw(b"null")


class Transpiler:
    """Writes expressions for one format.

    Without ``variables`` types are guessed from each expression alone. For ``domains`` see
    ``story_domains``. Raises UnknownFormatError.
    """

    def __init__(
        self,
        format_name: str,
        variables: Mapping[str, Variable] | None = None,
        domains: Mapping[str, Domain] | None = None,
    ) -> None:
        language = LANGUAGES.get(format_name)
        if language is None:
            known = ", ".join(LANGUAGES)
            raise UnknownFormatError(
                f"format {format_name!r} has no expressions of its own; with expressions: {known}"
            )
        self._type = EMITTERS[language]
        self._emitter = None if variables is None else self._type.for_story(variables, domains)
        self._names = None if variables is None else Names(variables.values())

    @property
    def names_found(self) -> tuple[Diagnostic, ...]:
        """What the names of the variables have become, where two would have been one."""
        return () if self._emitter is None else self._emitter.identifiers.diagnostics

    def emit(self, kind: Kind, source: object, where: str = "") -> Emitted:
        """One expression, a text or a stored structure. Raises ExpressionError."""
        found: list[Diagnostic] = []
        code = read_source(kind, source, self._names, where, found)
        return self._emitted(code, where, found)

    def lines(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """A line of JSON for each line of JSON; blank lines are left out. Nothing raises."""
        for line in lines:
            if line.strip():
                yield self._line(line)

    def _line(self, line: bytes) -> bytes:
        if len(line) > MAX_LINE:
            return _answer(b"null", None, [bad_line(f"longer than {MAX_LINE:,} bytes", "")])
        try:
            read = _DECODER.decode(line)
        except _UNREADABLE as error:
            key = _id_of(line)
            return _answer(key, None, [bad_line(_reason(error), _place(key))])
        key = _checked(read.id)
        where, kind = _place(key), _KINDS.get(read.kind)
        if kind is None:
            reason = f"kind {read.kind[:40]!r} is neither condition nor instruction"
            return _answer(key, None, [bad_line(reason, where)])
        found: list[Diagnostic] = []
        code = try_source(kind, read.source, self._names, where, found)
        if code is None:
            return _answer(key, None, found)
        emitted = self._emitted(code, where, found)
        return _answer(key, emitted.text, emitted.diagnostics)

    def _emitted(
        self, code: Condition | Instruction, where: str, found: list[Diagnostic]
    ) -> Emitted:
        emitter = self._emitter or self._guessing(code)
        if isinstance(code, tuple):
            emitted = emitter.instruction(code, where)
        else:
            emitted = emitter.condition(code, where)
        found += emitted.diagnostics
        if self._emitter is None:
            found += emitter.identifiers.diagnostics
        return Emitted(emitted.text, tuple(found), emitted.source)

    def _guessing(self, code: Condition | Instruction) -> Emitter:
        return self._type.for_story(guessed_variables(code))


def project_transpiler(
    settings: Settings, project: str, format_name: str, progress: Progress = silent
) -> Transpiler:
    """A transpiler that knows a project: its variables, and what its instructions leave in them."""
    if format_name not in LANGUAGES:
        Transpiler(format_name)
    with scratch_directory(settings) as work:
        collect(
            database_url(settings),
            project,
            parse_options({}),
            work,
            collected_at=settings.now(),
            sections=["sheets", "flows", "scenes"],
            progress=progress,
        )
        story = StoryReader(work)
        variables = read_variables(story.sheets(), story.scenes()).variables
        expressions = story_expressions(story)
        instructions = (x.code for x in expressions if isinstance(x.code, tuple))
        return Transpiler(format_name, variables, story_domains(variables, instructions))


def _answer(key: bytes, output: str | None, found: Iterable[Diagnostic]) -> bytes:
    body = orjson.dumps({"output": output, "diagnostics": list(found)})
    return b'{"id":' + key + b"," + body[1:]


def _id_of(line: bytes) -> bytes:
    """The id of a line that is otherwise wrong."""
    try:
        return _checked(_ID_DECODER.decode(line).id)
    except _UNREADABLE:
        return b"null"


def _checked(raw: msgspec.Raw) -> bytes:
    """An id as it is written; null if it is no JSON, which nobody has looked at so far."""
    try:
        msgspec.json.decode(raw)
    except _UNREADABLE:
        return b"null"
    return bytes(raw)


def _place(key: bytes) -> str:
    """An id for people: texts without their quotes."""
    if key == b"null":
        return ""
    return key.decode().strip('"')[:100]


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deep"
    return f"no object with id, kind and source: {' '.join(str(error).split())[:200]}"


_DECODER = msgspec.json.Decoder(_Line)
_ID_DECODER = msgspec.json.Decoder(_Id)
