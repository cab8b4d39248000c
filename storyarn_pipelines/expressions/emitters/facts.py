"""What the writing of expressions must know of a story and of a language's values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.emitters.domains import (
    HOLDABLE,
    ORDINARY,
    TEXT_TYPES,
    Domain,
    usual_domain,
)
from storyarn_pipelines.expressions.emitters.formulas import Scalar

NIL_TEXT = "nil"
"""How a language without nil keeps it in texts and lists: as Storyarn shows it."""

_UNSEEN = "\u200b"  # a blank of no width: what it is added to looks the same
TEXT_MARK = "\u2060"
"""What a text begins with in a variable that holds lists: a word joiner, which is invisible."""

_COMMA = "\u201a"


@dataclass(frozen=True, slots=True)
class Facts:
    """The variables of a story and how a language keeps their values.

    ``domains`` is None if the instructions of the story are not known. ``nil_types`` are the
    types of variables that can hold nil, ``real_nil`` tells whether nil is a value of its own,
    ``any_kind`` whether a variable may hold values of other types than its own.
    """

    variables: Mapping[str, Variable]
    domains: Mapping[str, Domain] | None = None
    nil_types: frozenset[str] = frozenset(ORDINARY)
    real_nil: bool = True
    any_kind: bool = True
    _known: dict[str, Domain] = field(default_factory=dict)

    def domain(self, variable: Variable) -> Domain:
        """The kinds of values that the variable may hold, as far as the language keeps them."""
        name = variable.full_name
        known = self._known.get(name)
        if known is None:
            known = (self.domains or {}).get(name) or usual_domain(variable)
            if not self.any_kind:
                known = known & (HOLDABLE.get(variable.type, known) | {"nil"})
            if variable.type not in self.nil_types:
                known = known - {"nil"}
            self._known[name] = known
        return known

    @property
    def are_sure(self) -> bool:
        """Whether the instructions of the story are known, and so the domains."""
        return self.domains is not None

    def can_hold(self, variable: Variable, kind: str) -> bool:
        """Whether the language can keep a value of this kind in this variable."""
        if kind == "nil":
            return variable.type in self.nil_types
        return self.any_kind or kind in HOLDABLE.get(variable.type, ())

    def kept(self, variable: Variable, value: Value) -> Scalar | None:
        """A value as the language keeps it in this variable; None is nil.

        Lists become their items with commas between, as they are shown. A text in a variable
        that holds lists, and a text that would read as nil, get a character without width.
        """
        if isinstance(value, list):
            return self.kept_list(value)
        if value is None:
            as_text = variable.type in TEXT_TYPES or variable.type == "multi_select"
            return None if self.real_nil or not as_text else NIL_TEXT
        if isinstance(value, str):
            is_list = variable.type == "multi_select"
            return TEXT_MARK + kept_item(value) if is_list else self.kept_text(value)
        return value

    def kept_text(self, text: str) -> str:
        """A text as the language keeps it."""
        if not self.real_nil and text.rstrip(_UNSEEN) == NIL_TEXT:
            return text + _UNSEEN
        return text

    def kept_list(self, items: list[str]) -> str:
        """A list as a text of its items, ``a, b``."""
        return ", ".join([kept_item(item) for item in items])


def kept_item(item: str) -> str:
    """An item of a list as it stands in the text; its commas become quotation marks."""
    is_nil = item.rstrip(_UNSEEN) == NIL_TEXT
    return item + _UNSEEN if is_nil else item.replace(",", _COMMA) or _UNSEEN
