"""``<<set>>`` as steps, and what an expression in a text shows."""

from storyarn_pipelines.expressions.ast import Assignment, Literal, Ref, Rule
from storyarn_pipelines.importers.yarn.meaning import Check, Do, Site, Step
from storyarn_pipelines.importers.yarn.problems import ScriptError
from storyarn_pipelines.importers.yarn.script import Set
from storyarn_pipelines.importers.yarn.sums import (
    UnsayableError,
    fill,
    number,
    number_text,
    why_not,
)
from storyarn_pipelines.importers.yarn.terms import (
    Call,
    Expr,
    Lit,
    Member,
    Pair,
    Term,
    Unary,
    Var,
)
from storyarn_pipelines.importers.yarn.types import BOOL, NUMBER, STRING

_PLAIN_CALLS = ("string", "format_invariant")


def changed(site: Site, said: Set) -> list[Step]:
    """The steps of a ``<<set>>``. Raises ScriptError for what cannot be said."""
    if site.types.is_smart(said.name):
        raise ScriptError(said.line, f"{said.name} is a smart variable and cannot be set")
    kind = site.types.found[said.name]
    site.types.check(said.value, kind, said.line)
    value = said.value.tree
    if said.op != "=":
        if kind == BOOL or (kind == STRING and said.op != "+="):
            raise ScriptError(said.line, f"'{said.op}' on the {kind} {said.name}")
        value = Pair(said.op[0], Var(said.name), value)
    site.expanded = 0
    try:
        target = site.stock.ref(said.name)
        if kind == NUMBER:
            found = _number(site, target, value)
        else:
            found = _flag(site, target, value) if kind == BOOL else _word(site, target, value)
    except UnsayableError as error:
        reason = f"Storyarn cannot do `{said.text}`: {error}"
        raise ScriptError(said.line, reason) from None
    return [*site.steps, *found]


def _number(site: Site, target: Ref, value: Expr) -> list[Step]:
    match value:
        case Call("min" | "max" as name, (first, Lit(float() as bound))):
            op = "greater_than" if name == "min" else "less_than"
            limit = Do((Assignment(target, "set", number(bound)),))
            beyond = Check(Rule(target, op, number(bound)), (limit,), ())
            return [*_number(site, target, first), beyond]
    found = fill(target, site.sum(value), lambda: site.spare(NUMBER))
    return [Do(tuple(found))] if found else []


def _flag(site: Site, target: Ref, value: Expr) -> list[Step]:
    match value:
        case Lit(bool() as literal):
            return [_flagged(target, literal)]
        case Var(name) if not site.types.is_smart(name):
            return [Do((Assignment(target, "set", site.stock.ref(name)),))]
        case Unary("not", Var(name)) if not site.types.is_smart(name):
            if site.stock.ref(name) == target:
                return [Do((Assignment(target, "toggle"),))]
    condition = site.asked(value, positive=True)
    return [Check(condition, (_flagged(target, True),), (_flagged(target, False),))]


def _word(site: Site, target: Ref, value: Expr) -> list[Step]:
    text = site.text(value)
    if isinstance(text, Ref):
        return [Do((Assignment(target, "set", text),))]
    if not text:  # Storyarn skips an empty text, but copies one
        return [Do((Assignment(target, "set", site.stock.helper(STRING, "empty")),))]
    return [Do((Assignment(target, "set", Literal(text)),))]


def _flagged(target: Ref, value: bool) -> Do:
    return Do((Assignment(target, "set_true" if value else "set_false"),))


def shown(site: Site, term: Term) -> list[str | Ref]:
    """What an expression shows: texts, and variables whose values stand there.

    What must be worked out is added to the site's steps. Raises ScriptError.
    """
    site.types.check(term, None, site.line)
    site.expanded = 0
    try:
        return _shown(site, term.tree)
    except UnsayableError as error:
        reason = f"Storyarn cannot show `{{{term.text}}}`: {error}"
        raise ScriptError(site.line, reason) from None


def _shown(site: Site, tree: Expr) -> list[str | Ref]:
    match tree:
        case Lit() | Member():
            return [_literal(site, tree)]
        case Var(name):
            smart = site.smart(name)
            return [site.stock.ref(name)] if smart is None else _shown(site, smart)
        case Call(name, (part,)) if name in _PLAIN_CALLS:
            return _shown(site, part)
        case Pair("+", left, right) if site.types.of(tree) == STRING:
            return [*_shown(site, left), *_shown(site, right)]
    kind = site.types.of(tree)
    if kind == BOOL:
        helper = site.spare(BOOL)
        site.steps += _flag(site, helper, tree)
        return [helper]
    if kind != NUMBER:
        raise UnsayableError(why_not(tree.name) if isinstance(tree, Call) else "it is no value")
    return [_worked_out(site, tree)]


def _literal(site: Site, tree: Lit | Member) -> str:
    value = tree.value if isinstance(tree, Lit) else site.types.member(tree)
    if isinstance(value, bool):
        return "True" if value else "False"
    return value if isinstance(value, str) else number_text(value or 0.0)


def _worked_out(site: Site, tree: Expr) -> str | Ref:
    found = site.sum(tree)
    if not found.terms:
        return number_text(found.rest)
    if len(found.terms) == 1 and not found.rest and set(found.terms.values()) == {1.0}:
        return next(iter(found.terms))
    helper = site.spare(NUMBER)
    site.steps.append(Do(tuple(fill(helper, found, lambda: site.spare(NUMBER)))))
    return helper
