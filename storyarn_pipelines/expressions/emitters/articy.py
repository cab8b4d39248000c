"""articy:draft's expresso, in the part that all its importers read alike.

Variables are ``Set.variable``: Boolean, Integer or String, so numbers are whole and there is no
nil; variables that hold texts or lists keep it as the text ``nil``. Instructions have neither
conditions nor functions on texts. Limits of numbers are kept by whole arithmetic that comes out
even: ``(x + BASE - (x + BASE) % BASE) / BASE`` is 1 from 0 up and 0 below, while x lies within
BASE. Marks at which importers cut scripts (``;`` and the beginnings of comments) are refused in
texts.
"""

import re
from collections.abc import Iterable, Mapping
from typing import ClassVar, Self

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.emitters.domains import Domain
from storyarn_pipelines.expressions.emitters.facts import NIL_TEXT, TEXT_MARK
from storyarn_pipelines.expressions.emitters.formulas import (
    TRUE,
    All,
    CannotSayError,
    Compare,
    Fixed,
    Formula,
    Put,
    Sum,
    either,
)
from storyarn_pipelines.expressions.emitters.identifiers import (
    Identifiers,
    NameRules,
    ascii_identifier,
)
from storyarn_pipelines.expressions.emitters.literals import is_number
from storyarn_pipelines.expressions.emitters.notes import NotingEmitter

_BASE = 1_000_000_000
"""Numbers beyond this are not kept to their limits."""
_LARGEST = 2**31 - 1
_MOST_LISTS = 30

# Words of expresso, and of the languages that importers make of it: C#, C++, JavaScript, Lua.
_WORDS = frozenset({
    "self", "speaker", "seen", "unseen", "seencounter", "random", "print", "getprop", "setprop",
    "getobj", "isinrange", "ispropinrange", "incrementprop", "decrementprop", "getseencounter",
    "setseencounter", "resetallseencounters", "fallback", "and", "or", "xor", "not", "true",
    "false", "null", "nil", "undefined", "nan", "infinity", "window", "arguments", "eval",
    "this", "super", "new", "delete", "typeof", "instanceof", "in", "is", "as", "void", "var",
    "let", "const", "function", "return", "if", "else", "elseif", "end", "then", "do", "while",
    "for", "foreach", "repeat", "until", "switch", "case", "default", "break", "continue",
    "goto", "try", "catch", "finally", "throw", "throws", "class", "struct", "enum", "union",
    "interface", "extends", "implements", "import", "export", "namespace", "using", "package",
    "public", "private", "protected", "internal", "static", "abstract", "virtual", "override",
    "sealed", "readonly", "volatile", "extern", "inline", "friend", "operator", "template",
    "typename", "typedef", "signed", "unsigned", "short", "long", "int", "float", "double",
    "char", "bool", "byte", "sbyte", "uint", "ulong", "ushort", "decimal", "string", "object",
    "dynamic", "local", "with", "yield", "await", "async", "debugger", "checked", "unchecked",
    "fixed", "lock", "out", "ref", "params", "sizeof", "stackalloc", "unsafe", "auto",
    "register", "explicit", "implicit", "mutable", "constexpr", "nullptr", "alignas", "alignof",
    "asm", "compl", "bitand", "bitor", "base", "event", "delegate", "global", "value", "get",
    "set", "add", "remove", "math", "table", "variable", "actor", "item", "quest", "location",
    "conversation", "dialog", "once", "limit", "visits", "visited",
})  # fmt: skip


def _word(name: str) -> str:
    word = ascii_identifier(name) or "_"
    return f"{word}_" if word.casefold() in _WORDS or len(word) < 2 else word


def _joined(name: str) -> str:
    """A full name of which nothing else is known."""
    head, _, tail = name.rpartition(".")
    return f"{_word(head)}.{_word(tail)}"


class ArticyEmitter(NotingEmitter):
    """Conditions, and instructions with ``;`` after each statement."""

    language = "expresso"
    names = NameRules(_joined, ignore_case=True)

    exponents = False
    escapes: ClassVar = {"\\": "\\\\", '"': '\\"'}
    refused = re.compile("[\0\n\r;\u2028\u2029\ud800-\udfff]|//|/\\*")
    assignment = "{variable} = {value};"
    increment = "{variable} {sign}= {value};"

    @classmethod
    def for_story(
        cls, variables: Mapping[str, Variable], domains: Mapping[str, Domain] | None = None
    ) -> Self:
        """An emitter with a variable set for each sheet."""
        return cls(variables, articy_identifiers(variables.values()), domains)

    def number(self, number: float) -> str:
        """A number; C# and C++ have 32 bits for it."""
        if abs(number) > _LARGEST:
            raise CannotSayError("the number is too large")
        return super().number(number)

    def member(self, variable: Variable, item: str) -> str:
        """Lists have no parts there, but all lists of a story are known."""
        found = [Compare(variable, "==", x) for x, items in self._lists().items() if item in items]
        if len(found) > _MOST_LISTS:
            raise CannotSayError(f"more than {_MOST_LISTS} lists have the item")
        return self._written(either(*found))

    def _lists(self) -> dict[str, list[str]]:
        """The lists that variables begin with, by how they are kept."""
        lists = [x.initial for x in self.variables.values() if isinstance(x.initial, list)]
        return dict(sorted((self.facts.kept_list(x), x) for x in lists))

    def put(self, put: Put) -> list[str]:
        """A change without a condition, or one that arithmetic can say."""
        variable, worth = put.variable, put.worth
        if isinstance(worth, Fixed) and _is_fraction(worth.value):
            raise CannotSayError("numbers are whole there")
        if isinstance(worth, Sum) and _is_fraction(worth.amount):
            raise CannotSayError("numbers are whole there")
        if variable.type == "multi_select" and isinstance(worth, Fixed):
            self._check_list(worth.value)
        if put.when == TRUE:
            return super().put(put)
        if isinstance(worth, Fixed):
            limit = _limit(put.when, variable)
            if limit is not None and limit.value == worth.value:
                return [self._bounded_by(variable, limit.operator, int(limit.value))]
        return super().put(put)

    def _bounded_by(self, variable: Variable, sign: str, limit: int) -> str:
        """The lesser or greater of a variable and a limit, by arithmetic."""
        name, end, base = self.reference(variable), self.number(limit), str(_BASE)
        above = f"({name} - {end})" if sign == "<" else f"({end} - {name})"
        if limit == 0:
            above = name if sign == "<" else f"(0 - {name})"
        step = f"(({above} + {base} - ({above} + {base}) % {base}) / {base})"
        value = f"{above} * {step}"
        if limit != 0 or sign == ">":
            value = f"{end} {'+' if sign == '<' else '-'} {value}"
        return self.assignment.format(variable=name, value=value)

    def _check_list(self, kept: object) -> None:
        is_list = isinstance(kept, str) and not kept.startswith(TEXT_MARK) and kept != NIL_TEXT
        if is_list and kept != "" and kept not in self._lists():
            raise CannotSayError("no variable begins with this list")


def articy_identifiers(variables: Iterable[Variable]) -> Identifiers:
    """The names of variables, ``Set.variable``; sheets never share a set."""
    all_of_them = {x.full_name: x for x in variables}
    sets = Identifiers({x.sheet for x in all_of_them.values()}, NameRules(_word, ignore_case=True))

    def clean(name: str) -> str:
        variable = all_of_them[name]
        return f"{sets.of(variable.sheet)}.{_word(variable.name)}"

    found = Identifiers(all_of_them, NameRules(clean, ignore_case=True))
    found.diagnostics = (*sets.diagnostics, *found.diagnostics)
    return found


def _is_fraction(value: object) -> bool:
    return isinstance(value, float) and not value.is_integer()


def _limit(when: Formula, variable: Variable) -> Compare | None:
    """The test of a condition that only asks whether the variable is beyond a number."""
    asked = when.parts[-1] if isinstance(when, All) else when
    if not isinstance(asked, Compare) or asked.variable is not variable:
        return None
    is_order = asked.operator in ("<", ">") and is_number(asked.value)
    return asked if is_order else None
