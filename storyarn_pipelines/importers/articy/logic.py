"""Conditions turned round and made plain."""

from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Condition,
    Not,
    Rule,
    all_of,
    any_of,
)


def negated(condition: Condition) -> Condition:
    """The opposite: in articy nothing is ever unset, so ``is_false`` is that of ``is_true``."""
    match condition:
        case Not(part):
            return part
        case Rule(ref, "is_true"):
            return Rule(ref, "is_false")
        case Rule(ref, "is_false"):
            return Rule(ref, "is_true")
        case Rule():
            return Not(condition)
        case AllOf(parts):
            return any_of(tuple(negated(x) for x in parts))
        case AnyOf(parts):
            return all_of(tuple(negated(x) for x in parts))


def tidied(condition: Condition) -> Condition:
    """A condition without parts that change nothing."""
    match condition:
        case AllOf(parts):
            kept = [x for x in map(tidied, parts) if x != ALWAYS]
            return NEVER if NEVER in kept else all_of(tuple(kept))
        case AnyOf(parts) if parts:
            kept = [x for x in map(tidied, parts) if x != NEVER]
            return ALWAYS if ALWAYS in kept else any_of(tuple(kept))
    return condition
