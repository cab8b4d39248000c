"""Findings: what is wrong, where, and what to do; collected without ever growing out of hand."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from storyarn_pipelines.domain.diagnostics import Diagnostic, Severity
from storyarn_pipelines.validation.codes import CODES

KEPT_PER_CODE = 1000
"""A story with a million findings of one kind needs no list of them; the rest is counted."""

_WORD_LENGTH = 200
_SPECIFIED_TYPES = {"sheet": "page", "scene": "map"}


@dataclass(frozen=True, slots=True)
class Entity:
    """Something in the story; ``inside`` is the flow, scene or sheet that it belongs to."""

    type: str
    id: int
    shortcut: str | None = None
    name: str | None = None
    inside: "Entity | None" = None
    word: str | None = None

    @property
    def label(self) -> str:
        """What a writer calls it."""
        word = self.word or self.type.replace("_", " ")
        if self.name:
            return f'{word} "{self.name}" ({self.shortcut or self.id})'
        return f"{word} {self.shortcut or self.id}"

    @property
    def where(self) -> str:
        """The way to it, from the outside in."""
        return f"{self.inside.where} > {self.label}" if self.inside else self.label

    def itself(self) -> "Entity":
        """The entity, where a way to describe one is asked for."""
        return self

    def __str__(self) -> str:
        return f"{self.label} in {self.inside.label}" if self.inside else self.label


Here = Callable[[], Entity]
"""Describes the entity that is being checked, once there is something to say about it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: about ``entity``, and sometimes about what that points at."""

    code: str
    rule: str
    severity: Severity
    message: str
    entity: Entity
    target: Entity | None = None

    def diagnostic(self) -> Diagnostic:
        """The same in the form that every step of an export reports."""
        return Diagnostic(self.code, self.severity, self.message, self.entity.where)

    def as_dict(self) -> dict[str, Any]:
        """The specification's keys (8.2.3), and with them code, place, name and shortcut."""
        target = self.target
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "source_type": _specified(self.entity),
            "source_id": str(self.entity.id),
            "target_type": None if target is None else _specified(target),
            "target_id": None if target is None else str(target.id),
            "code": self.code,
            "where": self.entity.where,
            "name": self.entity.name,
            "shortcut": self.entity.shortcut,
        }


class Findings:
    """Collects findings: at most KEPT_PER_CODE of each code in full, all of them as a number."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.counts: Counter[str] = Counter()

    def add(self, code: str, here: Here, target: Entity | None = None, **words: object) -> None:
        """Take one finding; ``words`` fill the templates of its code, as do it and target."""
        self.counts[code] += 1
        if self.counts[code] > KEPT_PER_CODE:
            return
        meaning, entity = CODES[code], here()
        clipped = {name: _clipped(str(word)) for name, word in words.items()}
        message = meaning.template.format(it=entity, target=target, **clipped)
        self.kept.append(Finding(code, meaning.rule, meaning.severity, message, entity, target))


def _clipped(word: str) -> str:
    """A value may be a whole novel; its beginning is enough to recognise it."""
    return word if len(word) <= _WORD_LENGTH else f"{word[: _WORD_LENGTH - 1]}…"


def _specified(entity: Entity) -> str:
    return _SPECIFIED_TYPES.get(entity.type, entity.type)
