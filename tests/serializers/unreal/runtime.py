"""The interpreter of docs/formats/unreal.md: plays an export by its files alone."""

import re
from collections.abc import Sequence
from typing import Any, Protocol

from tests.expressions.emitters import unreal_interpreter as expressions
from tests.serializers.unreal.formulas import formula_value
from tests.serializers.unreal.loader import Archive, Text

STEPS = 10_000
_FORMAT = re.compile(r"`([`{}|])|\{([^}]*)\}")
_RUN = re.compile(r"<[a-z_]+>(.*?)</>", re.DOTALL)
_LEADING = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

Value = None | bool | float | str


class Picks(Protocol):
    """Chooses from a menu."""

    def pick(self, node_id: int, options: Sequence[str]) -> int:
        """The index of the response."""


class Runtime:
    """One play. ``events`` are those of the reference player without its ``set``."""

    def __init__(self, archive: Archive, picks: Picks, culture: str | None = None) -> None:
        self.tables, self.picks = archive.tables, picks
        self.conversations = {x["name"]: x for x in archive.graph["conversations"]}
        self.main = archive.graph["main"]
        self.translations = archive.translations(culture) if culture else {}
        self.events: list[dict[str, Any]] = []
        self.rich: list[str] = []
        self.callers: list[tuple[str, str]] = []
        self.variables = self.tables["DT_Variables"]
        self.values: dict[str, Value] = {x: _start(row) for x, row in self.variables.items()}
        formulas = [x for x in self.variables if self.variables[x]["FormulaOrder"]]
        self.formulas = sorted(formulas, key=lambda x: self.variables[x]["FormulaOrder"])
        self.work_out()

    def play(self, name: str | None = None) -> "Runtime":
        """Play a conversation to its end."""
        self.name = name or self.main
        self.nodes = self.nodes_of(self.name)
        at = self.conversations[self.name]["start"]
        steps = 0
        while at is not None and steps < STEPS:
            steps += 1
            at = self.step(self.nodes[at])
        return self

    def nodes_of(self, name: str) -> dict[str, Any]:
        """The nodes of a conversation by id."""
        return {node["id"]: node for node in self.conversations[name]["nodes"]}

    def step(self, node: dict[str, Any]) -> str | None:
        """What a node does; returns the next one."""
        outputs = node["outputs"]
        match node["type"]:
            case "dialogue":
                return self.say(node)
            case "condition":
                return next(x["to"] for x in outputs if self.is_open(x))  # type: ignore[no-any-return]  # JSON
            case "instruction":
                self.run(node["instruction"])
            case "subflow":
                return self.call(node)
            case "exit" if node["mode"] == "flow_reference":
                return self.call(node)
            case "exit" if node["mode"] == "caller_return" and self.callers:
                self.name, caller = self.callers.pop()
                self.nodes = self.nodes_of(self.name)
                returns = self.nodes[caller]["outputs"]
                for output in returns:
                    if output.get("exit") == node["id"]:
                        return output["to"]  # type: ignore[no-any-return]  # JSON
                return returns[-1]["to"]  # type: ignore[no-any-return]  # JSON
            case "exit":
                return None
        return outputs[0]["to"]  # type: ignore[no-any-return]  # JSON

    def call(self, node: dict[str, Any]) -> str | None:
        """Enter another conversation."""
        if node["conversation"] is None:
            return None
        self.callers.append((self.name, node["id"]))
        self.name = node["conversation"]
        self.nodes = self.nodes_of(self.name)
        return self.conversations[self.name]["start"]  # type: ignore[no-any-return]  # JSON

    def say(self, node: dict[str, Any]) -> str | None:
        """Show a line and offer its responses."""
        line = self.tables["DT_DialogueLines"][node["line"]]
        assert line["NodeId"] == node["id"]
        speaker = None
        if line["Speaker"]:
            row = self.tables["DT_Characters"][line["Speaker"]]
            speaker = self.shown(row["DisplayName"], [])
        text = _trimmed(self.shown(line["Text"], line["Arguments"]))
        if line["RichText"]:
            rich = self.shown(line["RichText"], line["Arguments"], rich=True)
            self.rich.append(rich)
            assert _trimmed(_unmarked(rich)) == text
        self.events.append({"say": {"speaker": speaker, "text": text, "node": int(node["id"])}})
        assert line["Choices"] == [x["choice"] for x in node["outputs"] if "choice" in x]
        if not line["Choices"]:
            return node["outputs"][0]["to"]  # type: ignore[no-any-return]  # JSON
        open_ = [x for x in node["outputs"] if self.is_open(x)]
        if not open_:
            return None
        rows = [self.tables["DT_Choices"][x["choice"]] for x in open_]
        options = [self.shown(row["Text"], row["Arguments"]) for row in rows]
        index = 0 if len(open_) == 1 else self.picks.pick(int(node["id"]), options)
        self.events.append({"choose": {"index": index, "options": options}})
        if rows[index]["Instruction"]:
            self.run(rows[index]["Instruction"])
        assert (open_[index]["to"] or "") == rows[index]["NextNode"]
        return open_[index]["to"]  # type: ignore[no-any-return]  # JSON

    def is_open(self, output: dict[str, Any]) -> bool:
        """Whether an output's condition holds; without one it always does."""
        row = output.get("condition")
        if row is None:
            return True
        return expressions.holds(self.tables["DT_Conditions"][row]["Expression"], self.values)

    def run(self, row: str) -> None:
        """Run an instruction, then all formulas."""
        expressions.execute(self.tables["DT_Instructions"][row]["Statements"], self.values)
        self.work_out()

    def work_out(self) -> None:
        """Every formula, in order."""
        for name in self.formulas:
            row = self.variables[name]
            bound = {symbol: self.number(x) for symbol, x in row["Bindings"].items()}
            self.values[name] = formula_value(row["Formula"], bound)

    def number(self, name: str) -> float:
        """What a formula takes a variable for."""
        if not name or self.variables[name]["Type"] == "multi_select":
            return 0.0
        value = self.values[name]
        if isinstance(value, str):
            found = _LEADING.match(value)
            value = float(found[0]) if found else 0.0
        return float(value) if isinstance(value, int | float) and value is not True else 0.0

    def shown(self, text: Text | None, arguments: Sequence[str], *, rich: bool = False) -> str:
        """A text in the culture, with values put in if it is a pattern."""
        if text is None:
            return ""
        source, translated = self.translations.get((text.namespace, text.key), (text.source, ""))
        assert source == text.source
        pattern = translated or source
        if not arguments:
            return pattern

        def put(found: re.Match[str]) -> str:
            if found[1]:
                return found[1]
            assert found[2] in arguments
            value = plain(self.values[found[2]])
            return _marked(value) if rich else value

        return _FORMAT.sub(put, pattern)


def plain(value: Value) -> str:
    """A value as the reader sees it."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _trimmed(text: str) -> str:
    """A line without blanks at its edges, which values may have brought."""
    return "\n".join(x.strip() for x in text.split("\n")).strip()


def _start(row: dict[str, Any]) -> Value:
    match row["Kind"]:
        case "Number":
            return float(row["DefaultValue"])
        case "Boolean":
            return {"true": True, "false": False}[row["DefaultValue"]]
        case "Text":
            return str(row["DefaultValue"])
    assert row["Kind"] == "None"
    return None


def _marked(text: str) -> str:
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, entity)
    return text


def _unmarked(rich: str) -> str:
    text = _RUN.sub(r"\1", rich)
    assert "<" not in text
    assert ">" not in text
    for sign, entity in (('"', "&quot;"), (">", "&gt;"), ("<", "&lt;"), ("&", "&amp;")):
        text = text.replace(entity, sign)
    return text
