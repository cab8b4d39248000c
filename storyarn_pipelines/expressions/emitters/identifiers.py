"""Names of the story as names of a target: two names never become one.

A name becomes what the target's rules make of it. Names that would become the same get a suffix
made from the name itself, so that it stays when other names come or go; one that the target can
take as it is keeps it.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.expressions.findings import Findings

_SUFFIX = 6


@dataclass(frozen=True, slots=True)
class NameRules:
    """What a target asks of names. ``clean`` makes a name of allowed characters from any name.

    ``reserved`` words (compared like names) get an underscore. ``tree``: a dot parts folders from
    names, so that no name may also be a folder.
    """

    clean: Callable[[str], str]
    reserved: frozenset[str] = frozenset()
    ignore_case: bool = False
    max_length: int = 0
    tree: bool = False

    def key(self, name: str) -> str:
        """What the target takes for the same name."""
        return name.casefold() if self.ignore_case else name


class Identifiers:
    """The names of a story in one target."""

    def __init__(self, names: Iterable[str], rules: NameRules, where: str = "") -> None:
        self._rules = rules
        found: list[Diagnostic] = []
        self._names = self._chosen(sorted(set(names)), Findings(where, found))
        self.diagnostics = tuple(found)
        """One for each name that got a suffix."""

    def of(self, name: str) -> str:
        """The target's name. Raises KeyError for a name that was not given at the start."""
        return self._names[name]

    def mapping(self) -> Mapping[str, str]:
        """All names with those of the target, sorted, as the artifact keeps them."""
        return dict(self._names)

    def _chosen(self, names: list[str], findings: Findings) -> dict[str, str]:
        rules = self._rules
        plain = {name: self._plain(name) for name in names}
        wanted: dict[str, list[str]] = {}
        for name in names:
            wanted.setdefault(rules.key(plain[name]), []).append(name)
        folders = _folders(wanted) if rules.tree else frozenset()
        chosen: dict[str, str] = {}
        taken: set[str] = set(wanted) | folders
        for key, rivals in wanted.items():
            # One name at most is its own; it keeps it, unless it would hide a folder.
            owner = next(
                (x for x in rivals if plain[x] == x), rivals[0] if len(rivals) == 1 else ""
            )
            for name in rivals:
                if name == owner and key not in folders:
                    chosen[name] = plain[name]
                    continue
                chosen[name] = self._suffixed(name, plain[name], taken)
                taken.add(rules.key(chosen[name]))
                others = ", ".join(x for x in rivals if x != name) or "a folder"
                message = f"{name} becomes {chosen[name]}: {others} would have the same name"
                findings.add("EX0409", message)
        return dict(sorted(chosen.items()))

    def _plain(self, name: str) -> str:
        """The name that the rules make of a name alone."""
        rules = self._rules
        clean = rules.clean(name) or "_"
        if rules.key(clean) in rules.reserved:
            clean += "_"
        if 0 < rules.max_length < len(clean):
            clean = f"{clean[: rules.max_length - _SUFFIX - 1]}_{_digest(name)[:_SUFFIX]}"
        return clean

    def _suffixed(self, name: str, clean: str, taken: set[str]) -> str:
        digest = _digest(name)
        for length in range(_SUFFIX, len(digest) + 1):
            suffix = f"_{digest[:length]}"
            most = self._rules.max_length
            head = clean[: most - len(suffix)] if 0 < most < len(clean) + len(suffix) else clean
            if self._rules.key(head + suffix) not in taken:
                return head + suffix
        raise AssertionError(f"no name is left for {name!r}")


def _folders(names: Iterable[str]) -> frozenset[str]:
    """Everything that stands before a dot of some name."""
    return frozenset(name[:index] for name in names for index, x in enumerate(name) if x == ".")


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def ascii_word(name: str) -> str:
    """A name in ASCII letters, digits and underscores: accents go, the rest becomes ``_``."""
    plain = "".join(x for x in unicodedata.normalize("NFKD", name) if not unicodedata.combining(x))
    return "".join([x if x.isascii() and (x.isalnum() or x == "_") else "_" for x in plain])


def ascii_identifier(name: str) -> str:
    """A name as most languages allow it: like ``ascii_word``, but with no digit at its start."""
    word = ascii_word(name)
    return f"_{word}" if word[:1].isdigit() else word


def ascii_path(name: str) -> str:
    """A dotted name whose parts are words in ASCII; no part is empty."""
    return ".".join([ascii_word(part) or "_" for part in name.split(".")])
