"""Smart variables of our own exports as the formula cells that they were."""

from collections.abc import Mapping
from typing import Any

from storyarn_pipelines.expressions.ast import Ref
from storyarn_pipelines.importers.yarn.terms import Call, Expr, Lit, Pair, Unary, Var

_CALLED = {"formula_round": "round", "formula_floor": "floor", "formula_ceil": "ceil"}
_OPERATORS = {"formula_divide": "/", "formula_power": "^"}
_SIGNS = "+-*"


def formula_cell(tree: Expr, refs: Mapping[str, Ref]) -> dict[str, Any] | None:
    """``{"expression", "bindings"}``, or None for an expression that no formula says."""
    symbols: dict[str, str] = {}
    text = _written(tree, refs, symbols)
    if text is None:
        return None
    bindings = {
        symbol: {"type": "variable", "ref": refs[name].full_name}
        for name, symbol in symbols.items()
    }
    return {"expression": text, "bindings": bindings}


def _written(tree: Expr, refs: Mapping[str, Ref], symbols: dict[str, str]) -> str | None:
    found: str | None = None
    match tree:
        case Lit(float() as value):
            text = str(int(value)) if value.is_integer() else repr(value)
            found = f"({text})" if value < 0 else text
        case Var(name) if name in refs:
            found = symbols.setdefault(name, f"x{len(symbols) + 1}")
        case Unary("-", part):
            found = _joined("-", Lit(0.0), part, refs, symbols)
        case Pair(op, left, right) if op in _SIGNS:
            found = _joined(op, left, right, refs, symbols)
        case Call("formula_result", (part,)):
            found = _written(part, refs, symbols)
        case Call("formula_power", (part, Lit(0.5))):
            found = _called("sqrt", (part,), refs, symbols)
        case Call("max", (part, Pair("-", Lit(0.0), other))) if other == part:
            found = _called("abs", (part,), refs, symbols)
        case Call(name, (left, right)) if name in _OPERATORS:
            found = _joined(_OPERATORS[name], left, right, refs, symbols)
        case Call(name, args) if name in ("min", "max") or name in _CALLED:
            found = _called(_CALLED.get(name, name), args, refs, symbols)
    return found


def _joined(
    op: str, left: Expr, right: Expr, refs: Mapping[str, Ref], symbols: dict[str, str]
) -> str | None:
    one, other = _written(left, refs, symbols), _written(right, refs, symbols)
    return None if one is None or other is None else f"({one} {op} {other})"


def _called(
    name: str, args: tuple[Expr, ...], refs: Mapping[str, Ref], symbols: dict[str, str]
) -> str | None:
    parts = [_written(x, refs, symbols) for x in args]
    return None if None in parts else f"{name}({', '.join(map(str, parts))})"
