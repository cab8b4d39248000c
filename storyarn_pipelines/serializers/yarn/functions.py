"""The functions that Yarn Spinner's library lacks: what they are, and a C# file that has them."""

import json
from collections.abc import Iterable, Mapping

from storyarn_pipelines.expressions.emitters.yarn import FUNCTIONS, Function

CSHARP_FILE = "StoryarnFunctions.cs"
DEFINITIONS_FILE = "storyarn.ysls.json"

_NUMBERS = ("number", "number")
FORMULA_FUNCTIONS = (
    Function("formula_divide", _NUMBERS, "number",
             "the quotient, which is no number if the second is 0"),
    Function("formula_power", _NUMBERS, "number",
             "the first to the power of the second, which may be no number"),
    Function("formula_round", ("number",), "number",
             "the nearest whole number, that away from 0 of two"),
    Function("formula_floor", ("number",), "number", "the nearest whole number below"),
    Function("formula_ceil", ("number",), "number", "the nearest whole number above"),
    Function("formula_result", ("number",), "number",
             "the number itself, or 0 for one that is infinite or none"),
)  # fmt: skip
"""What formulas call."""

ALL_FUNCTIONS: Mapping[str, Function] = {x.name: x for x in (*FUNCTIONS, *FORMULA_FUNCTIONS)}

_BODIES: Mapping[str, tuple[str, str, str]] = {
    "string_contains": ("StringContains", "string text, string part",
                        "text.IndexOf(part, StringComparison.Ordinal) >= 0"),
    "string_starts_with": ("StringStartsWith", "string text, string part",
                           "text.StartsWith(part, StringComparison.Ordinal)"),
    "string_ends_with": ("StringEndsWith", "string text, string part",
                         "text.EndsWith(part, StringComparison.Ordinal)"),
    "string_compare": ("StringCompare", "string first, string second",
                       "Math.Sign(string.CompareOrdinal(first, second))"),
    "formula_divide": ("FormulaDivide", "float x, float y", "y == 0f ? float.NaN : x / y"),
    "formula_power": ("FormulaPower", "float x, float y",
                      "x == 0f && y < 0f ? float.NaN : (float)Math.Pow(x, y)"),
    "formula_round": ("FormulaRound", "float x",
                      "(float)Math.Round(x, MidpointRounding.AwayFromZero)"),
    "formula_floor": ("FormulaFloor", "float x", "(float)Math.Floor(x)"),
    "formula_ceil": ("FormulaCeil", "float x", "(float)Math.Ceiling(x)"),
    "formula_result": ("FormulaResult", "float x",
                       "float.IsNaN(x) || float.IsInfinity(x) ? 0f : x"),
}  # fmt: skip
_TYPES = {"string": "string", "number": "float", "bool": "bool"}


class UsedFunctions:
    """Remembers which functions the files call."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def note(self, text: str) -> str:
        """Look through an expression, and return it."""
        if "string_" in text or "formula_" in text:
            self._names.update(name for name in ALL_FUNCTIONS if f"{name}(" in text)
        return text

    def __bool__(self) -> bool:
        return bool(self._names)

    def listed(self) -> list[Function]:
        """The functions in a fixed order."""
        return [function for name, function in ALL_FUNCTIONS.items() if name in self._names]


def csharp(functions: Iterable[Function]) -> str:
    """A static class whose methods Yarn Spinner for Unity finds by their attribute."""
    methods = []
    for function in functions:
        name, parameters, body = _BODIES[function.name]
        methods.append(
            f"    // {function.meaning}\n"
            f'    [YarnFunction("{function.name}")]\n'
            f"    public static {_TYPES[function.result]} {name}({parameters})\n"
            f"    {{\n        return {body};\n    }}\n"
        )
    head = (
        "// Functions that the exported Yarn files call and Yarn Spinner does not have.\n"
        "// Put this file anywhere among the scripts of the game.\n\n"
        "using System;\nusing Yarn.Unity;\n\npublic static class StoryarnFunctions\n{\n"
    )
    return head + "\n".join(methods) + "}\n"


def definitions(functions: Iterable[Function]) -> str:
    """The functions as editors of Yarn files ask for them."""
    found = [
        {
            "YarnName": function.name,
            "DefinitionName": _BODIES[function.name][0],
            "FileName": CSHARP_FILE,
            "Language": "csharp",
            "Documentation": function.meaning,
            "Parameters": [
                {"Name": parameter.split(" ")[1], "Type": kind}
                for parameter, kind in zip(
                    _BODIES[function.name][1].split(", "), function.arguments, strict=True
                )
            ],
            "ReturnType": function.result,
        }
        for function in functions
    ]
    return json.dumps({"Functions": found}, indent=2, ensure_ascii=False) + "\n"
