"""Types of variables and expressions: number, string, bool; an enum is what its cases are."""

from collections.abc import Mapping

from storyarn_pipelines.importers.yarn.problems import ScriptError
from storyarn_pipelines.importers.yarn.script import (
    Declare,
    Enum,
    Set,
    Statement,
    conditions_in,
    terms_in,
)
from storyarn_pipelines.importers.yarn.terms import (
    Call,
    Chain,
    Expr,
    Lit,
    Member,
    Pair,
    Term,
    Unary,
    Var,
)

NUMBER, STRING, BOOL = "number", "string", "bool"
_KINDS = (NUMBER, STRING, BOOL)
_ANY = "any"
_COMPARED = ("==", "!=")
_NUMBERS = (NUMBER, NUMBER)
FUNCTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "visited": (BOOL, (STRING,)), "visited_count": (NUMBER, (STRING,)),
    "has_any_content": (BOOL, (STRING,)), "random": (NUMBER, ()),
    "random_range": (NUMBER, _NUMBERS), "random_range_float": (NUMBER, _NUMBERS),
    "dice": (NUMBER, (NUMBER,)), "min": (NUMBER, _NUMBERS), "max": (NUMBER, _NUMBERS),
    "round": (NUMBER, (NUMBER,)), "round_places": (NUMBER, _NUMBERS),
    "floor": (NUMBER, (NUMBER,)), "ceil": (NUMBER, (NUMBER,)), "inc": (NUMBER, (NUMBER,)),
    "dec": (NUMBER, (NUMBER,)), "decimal": (NUMBER, (NUMBER,)), "int": (NUMBER, (NUMBER,)),
    "string": (STRING, (_ANY,)), "number": (NUMBER, (_ANY,)), "bool": (BOOL, (_ANY,)),
    "format": (STRING, (STRING, _ANY)), "format_invariant": (STRING, (NUMBER,)),
    "string_contains": (BOOL, (STRING, STRING)), "string_starts_with": (BOOL, (STRING, STRING)),
    "string_ends_with": (BOOL, (STRING, STRING)), "string_compare": (NUMBER, (STRING, STRING)),
    "formula_divide": (NUMBER, _NUMBERS), "formula_power": (NUMBER, _NUMBERS),
    "formula_round": (NUMBER, (NUMBER,)), "formula_floor": (NUMBER, (NUMBER,)),
    "formula_ceil": (NUMBER, (NUMBER,)), "formula_result": (NUMBER, (NUMBER,)),
}  # fmt: skip
"""Results and arguments of Yarn Spinner's functions, and of those that Storyarn's export adds."""

Value = float | str | bool


class Types:
    """What is known of variables; it learns while scripts are read."""

    def __init__(self) -> None:
        self.declared: dict[str, tuple[Declare, str]] = {}
        self.enums: dict[str, dict[str, float | str]] = {}
        self.found: dict[str, str] = {}
        self.used: dict[str, tuple[str, int]] = {}
        self._waiting: list[tuple[str, Expr]] = []

    def declare(self, declared: Declare, file: str) -> None:
        """A declaration. Raises ScriptError for a second one."""
        if declared.name in self.declared:
            known, where = self.declared[declared.name]
            reason = f"{declared.name} is declared in {where} line {known.line} already"
            raise ScriptError(declared.line, reason)
        self.declared[declared.name] = (declared, file)

    def enum(self, enum: Enum) -> None:
        """An enum. Raises ScriptError for cases that are not told apart."""
        if enum.name in self.enums:
            raise ScriptError(enum.line, f"the enum {enum.name} is declared twice")
        values: dict[str, float | str] = {}
        for place, (name, value) in enumerate(enum.cases):
            values[name] = float(place) if value is None else value
        kinds = {type(x) for x in values.values()}
        if len(values) < len(enum.cases) or len(set(values.values())) < len(values):
            raise ScriptError(enum.line, f"the enum {enum.name} has a case or a value twice")
        if len(kinds) > 1:
            raise ScriptError(enum.line, f"the enum {enum.name} has values of two types")
        self.enums[enum.name] = values

    def learn(self, statement: Statement, file: str) -> None:
        """What a statement says of variables that nobody declares."""
        for term in terms_in(statement):
            self._learn(term.tree, None, file, statement.line)
        for term in conditions_in(statement):
            self._learn(term.tree, BOOL, file, statement.line)
        if isinstance(statement, Set):
            self._learn(Var(statement.name), self.of(statement.value.tree), file, statement.line)
            self._learn(statement.value.tree, self.found.get(statement.name), file, statement.line)
            self._waiting.append((statement.name, statement.value.tree))

    def settle(self) -> None:
        """Everything was read: find the types that others tell."""
        for name, (declared, _) in self.declared.items():
            kind = self.named(declared.kind) or self.of(declared.value.tree)
            if kind:
                self.found[name] = kind
        changed = True
        while changed:
            changed = False
            for name, tree in self._waiting:
                kind = self.of(tree)
                if name not in self.found and kind:
                    self.found[name] = kind
                    changed = True
                known = self.found.get(name)
                if kind is None and isinstance(tree, Var) and known and tree.name not in self.found:
                    self.found[tree.name] = known
                    changed = True
            for name, (declared, _) in self.declared.items():
                kind = self.of(declared.value.tree)
                if name not in self.found and kind:
                    self.found[name] = kind
                    changed = True
        self._waiting.clear()

    def of(self, tree: Expr) -> str | None:
        """The type of an expression, as far as it is known."""
        found: str | None = NUMBER
        match tree:
            case Lit(value):
                found = kind_of(value)
            case Var(name):
                found = self.found.get(name)
            case Member():
                case = self.member(tree)
                found = None if case is None else kind_of(case)
            case Call(name):
                found = FUNCTIONS[name][0] if name in FUNCTIONS else None
            case Unary("not") | Chain():
                found = BOOL
            case Pair("+", left, right):
                found = self.of(left) or self.of(right)
            case Pair(op) if op not in "-*/%":
                found = BOOL
        return found

    def member(self, member: Member) -> float | str | None:
        """A case's value, None if there is no such case, or several enums have it."""
        if member.owner is not None:
            return self.enums.get(member.owner, {}).get(member.name)
        found = [cases[member.name] for cases in self.enums.values() if member.name in cases]
        return found[0] if len(found) == 1 else None

    def check(self, term: Term, want: str | None, line: int) -> str:
        """An expression's type. Raises ScriptError where types do not fit."""
        kind = self._checked(term.tree, line)
        if want and kind not in (want, _ANY):
            raise ScriptError(line, f"`{term.text}` is a {kind} where a {want} is expected")
        return kind

    def is_smart(self, name: str) -> bool:
        """Whether a variable is declared with an expression, and so worked out when it is read."""
        found = self.declared.get(name)
        return found is not None and self.initial(found[0].value.tree) is None

    def initial(self, tree: Expr) -> Value | None:
        """A first value; None for an expression."""
        match tree:
            case Lit(value):
                return value
            case Member():
                return self.member(tree)
        return None

    def named(self, name: str | None) -> str | None:
        """A type by its name, None if there is no such type."""
        if name in self.enums:
            return kind_of(next(iter(self.enums[str(name)].values())))
        found = (name or "").lower()
        return found if found in _KINDS else None

    def _learn(self, tree: Expr, want: str | None, file: str, line: int) -> None:
        match tree:
            case Var(name):
                self.used.setdefault(name, (file, line))
                if want and name not in self.found:
                    self.found[name] = want
            case Unary(op, part):
                self._learn(part, BOOL if op == "not" else NUMBER, file, line)
            case Chain(_, parts):
                for part in parts:
                    self._learn(part, BOOL, file, line)
            case Pair(op, left, right):
                kind: str | None = NUMBER
                if op in _COMPARED or op == "+":
                    kind = self.of(left) or self.of(right) or (want if op == "+" else None)
                    for one, other in ((left, right), (right, left)):
                        if isinstance(one, Var):
                            self._waiting.append((one.name, other))
                self._learn(left, kind, file, line)
                self._learn(right, kind, file, line)
            case Call(name, args):
                wanted = FUNCTIONS.get(name, ("", ()))[1]
                for place, part in enumerate(args):
                    kind = wanted[place] if place < len(wanted) else None
                    self._learn(part, None if kind == _ANY else kind, file, line)

    def _checked(self, tree: Expr, line: int) -> str:
        match tree:
            case Var(name):
                return self.found[name]
            case Member(owner, name):
                if self.member(tree) is None:
                    told = f"{owner or ''}.{name}"
                    raise ScriptError(line, f"{told} is no case of an enum, or of several")
            case Unary(op, part):
                want = BOOL if op == "not" else NUMBER
                self._expect(part, want, f"'{op}'", line)
                return want
            case Chain(op, parts):
                for part in parts:
                    self._expect(part, BOOL, f"'{op}'", line)
                return BOOL
            case Pair():
                return self._checked_pair(tree, line)
            case Call(name, args):
                return self._checked_call(name, args, line)
        return self.of(tree) or _ANY

    def _expect(self, tree: Expr, want: str, where: str, line: int) -> None:
        kind = self._checked(tree, line)
        if kind not in (want, _ANY):
            raise ScriptError(line, f"a {kind} at {where}, where a {want} is expected")

    def _checked_pair(self, pair: Pair, line: int) -> str:
        left, right = self._checked(pair.left, line), self._checked(pair.right, line)
        if _ANY not in (left, right) and left != right:
            raise ScriptError(line, f"'{pair.op}' between a {left} and a {right}")
        kind = right if left == _ANY else left
        if pair.op in _COMPARED:
            return BOOL
        allowed = (NUMBER, STRING, _ANY) if pair.op == "+" else (NUMBER, _ANY)
        if kind not in allowed:
            raise ScriptError(line, f"'{pair.op}' between {kind}s")
        return kind if pair.op == "+" else NUMBER if pair.op in "-*/%" else BOOL

    def _checked_call(self, name: str, args: tuple[Expr, ...], line: int) -> str:
        if name not in FUNCTIONS:
            for part in args:
                self._checked(part, line)
            return _ANY
        result, wanted = FUNCTIONS[name]
        if len(args) != len(wanted):
            raise ScriptError(line, f"{name}() takes {len(wanted)} arguments, not {len(args)}")
        for part, want in zip(args, wanted, strict=True):
            if want == _ANY:
                self._checked(part, line)
            else:
                self._expect(part, want, f"{name}()", line)
        return result


def kind_of(value: Value) -> str:
    """The type of a value."""
    if isinstance(value, bool):
        return BOOL
    return STRING if isinstance(value, str) else NUMBER
