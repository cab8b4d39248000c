"""articy's XML as an importer sees it: objects, pins, wires, texts, and a run time for them.

Nothing here knows how the file was made. ``problems`` holds what a real importer trips over.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lxml import etree

NAMESPACE = "http://www.articy.com/schemas/articydraft/4.0/XmlContentExport_FullProject.xsd"
NULL = "0x0000000000000000"
FLOW = {"Dialogue", "DialogueFragment", "Hub", "Jump", "Condition", "Instruction"}
_HEAD = ["DisplayName", "Text", "Color", "TechnicalName", "ExternalId", "ShortId", "Url",
         "Features"]  # fmt: skip
_PLACED = ["Pins", "Position", "Size", "ZIndex"]
_ORDER = {
    "Dialogue": [*_HEAD, "References", "PreviewImage", *_PLACED],
    "DialogueFragment": [*_HEAD, *_PLACED, "Speaker", "StageDirections", "MenuText"],
    "Hub": [*_HEAD, *_PLACED],
    "Jump": [*_HEAD, *_PLACED, "Target"],
    "Condition": [*_HEAD, "Expression", *_PLACED],
    "Instruction": [*_HEAD, "Expression", *_PLACED],
    "Entity": [*_HEAD, "References", "PreviewImage"],
    "Connection": ["Color", "TechnicalName", "Url", "Label", "Source", "Target", "ShowLabel"],
    "VariableSet": ["Url", "TechnicalName", "Description", "Variables"],
}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|&&|\|\||!=|!|[^"!&|]+')
_WORDS = {"&&": " and ", "||": " or ", "!": " not "}


@dataclass
class Pin:
    """A pin with its script and what it leads to."""

    owner: str
    is_input: bool
    index: int
    script: str
    wires: list[str] = field(default_factory=list)


class Model:
    """A file, read. ``texts`` of an object are by member and language."""

    def __init__(self, path: Path) -> None:
        self.problems: list[str] = []
        head = path.read_bytes()[:5000].decode("utf-8-sig").splitlines()[:5]
        if not any(NAMESPACE in line for line in head):
            self.problems.append("the namespace does not stand in the first five lines")
        self.root = etree.parse(str(path), etree.XMLParser(huge_tree=True)).getroot()
        content = self._child(self.root, "Content")
        self.objects: dict[str, Any] = {}
        for item in content:
            if item.get("Id") in self.objects:
                self.problems.append(f"{item.get('Id')} twice")
            self.objects[item.get("Id")] = item
        self.pins: dict[str, Pin] = {}
        for number, item in self.objects.items():
            self._read_pins(number, item)
        self._read_wires()
        self._check()

    @staticmethod
    def _child(item: Any, name: str) -> Any:
        return item.find(f"{{{NAMESPACE}}}{name}")

    def kind(self, number: str) -> str:
        """The element name of an object."""
        return str(etree.QName(self.objects[number]).localname)

    def word(self, item: Any, name: str) -> str:
        """The text of a member."""
        found = self._child(item, name)
        return "" if found is None else found.text or ""

    def texts(self, number: str, name: str) -> dict[str, str]:
        """A member in its languages, without markup."""
        found = self._child(self.objects[number], name)
        items = () if found is None else found
        return {x.get("Lang"): plain(x.text or "") for x in items}

    def _read_pins(self, number: str, item: Any) -> None:
        for pin in self._child(item, "Pins") if self._child(item, "Pins") is not None else ():
            key = pin.get("Id")
            if key in self.pins or key in self.objects:
                self.problems.append(f"pin {key} twice")
            is_input = pin.get("Semantic") == "Input"
            script = self.word(pin, "Expression")
            self.pins[key] = Pin(number, is_input, int(pin.get("Index")), script)

    def _read_wires(self) -> None:
        self.parents: dict[str, str] = {}
        nodes = self._child(self.root, "Hierarchy").iter(f"{{{NAMESPACE}}}Node")
        seen: Counter[str] = Counter()
        for node in nodes:
            key = node.get("IdRef")
            seen[key] += 1
            if key not in self.objects or self.kind(key) != node.get("Type"):
                self.problems.append(f"hierarchy: {key} is no {node.get('Type')}")
            above = node.getparent()
            if above is not None and above.get("IdRef"):
                self.parents[key] = above.get("IdRef")
        for key in self.objects:
            kind = self.kind(key)
            if kind in FLOW | {"Entity", "Connection", "VariableSet"} and seen[key] != 1:
                self.problems.append(f"{kind} {key} stands {seen[key]} times in the hierarchy")
            if kind == "Connection":
                self._read_wire(key)
        for pin in self.pins.values():
            pin.wires.sort(key=lambda x: self.height(self.pins[x].owner))

    def _read_wire(self, key: str) -> None:
        ends = []
        for side in ("Source", "Target"):
            end = self._child(self.objects[key], side)
            pin = self.pins.get(end.get("PinRef"))
            if pin is None or pin.owner != end.get("IdRef"):
                self.problems.append(f"connection {key}: {side} has no such pin")
                return
            inside = pin.owner == self.parents.get(key)
            if pin.is_input is not ((side == "Target") is not inside):
                self.problems.append(f"connection {key}: {side} uses the wrong side")
            ends.append(end.get("PinRef"))
        self.pins[ends[0]].wires.append(ends[1])

    def height(self, number: str) -> float:
        """Where an object stands: branches are in the order of their height."""
        return float(self._child(self.objects[number], "Position").get("Y"))

    def _check(self) -> None:
        for key, item in self.objects.items():
            kind = self.kind(key)
            if not re.fullmatch("0x[0-9A-F]{16}", key):
                self.problems.append(f"{key} is no id")
            names = [etree.QName(x).localname for x in item]
            places = [_ORDER[kind].index(x) for x in names if x in _ORDER[kind]] if (
                kind in _ORDER) else []  # fmt: skip
            if places != sorted(places) or (kind in _ORDER and len(places) != len(names)):
                self.problems.append(f"{kind} {key}: members {names}")
            for inner in item.iter():
                count = inner.get("Count")
                if count is not None and int(count) != len(inner):
                    self.problems.append(f"{key}: {inner.tag} counts {count}")
            speaker = self._child(item, "Speaker")
            if speaker is not None and self.kind(speaker.get("IdRef")) != "Entity":
                self.problems.append(f"{key} is said by nobody")
            target = self._child(item, "Target") if kind == "Jump" else None
            if kind == "Jump" and (
                target is None
                or target.get("PinRef") not in self.pins
                or self.pins[target.get("PinRef")].owner != target.get("IdRef")
            ):
                self.problems.append(f"jump {key} has no target")
            mine = Counter(x.is_input for x in self.pins.values() if x.owner == key) if (
                kind in FLOW and len(self.objects) < 2000) else None  # fmt: skip
            wanted = {"Jump": (1, 0), "Condition": (1, 2)}.get(kind, (1, 1))
            if mine is not None and (mine[True], mine[False]) != wanted:
                self.problems.append(f"{kind} {key} has pins {mine}")

    # -- a run time

    def variables(self) -> dict[str, dict[str, Any]]:
        """All variables as they begin."""
        found: dict[str, dict[str, Any]] = {}
        for key in self.objects:
            if self.kind(key) == "VariableSet":
                item = self.objects[key]
                name = self.word(item, "TechnicalName")
                found[name] = dict(self._values(self._child(item, "Variables")))
        return found

    def _values(self, items: Any) -> Iterator[tuple[str, Any]]:
        for item in items:
            value: Any = self.word(item, "DefaultValue")
            match self.word(item, "DataType"):
                case "Integer":
                    value = int(value)
                case "Boolean":
                    value = {"True": True, "False": False}[value]
                case kind:
                    assert kind == "String"
            yield self.word(item, "TechnicalName"), value

    def play(self, start: str, seed: int, language: str = "en") -> dict[str, Any]:
        """Play from a dialogue's input; the answer has the form of the one of articy-js."""
        random = seed % 2147483646 + 1
        first = next(x for x, pin in self.pins.items() if pin.owner == start and pin.is_input)
        here, variables, steps = first, self.variables(), []
        for _ in range(3000):
            branches = list(self._branches(here, variables))
            stops = [(pin, held) for pin, held in branches if pin is not None]
            options = [self._read(pin, language) for pin, _ in stops]
            at = self.pins[here]
            step = {} if at.is_input else self._read(here, language)
            steps.append({**step, "options": options, "variables": variables})
            if not stops:
                variables = branches[0][1] if branches else variables
                break
            steps[-1]["chosen"] = 0
            if len(stops) > 1:
                random = random * 48271 % 2147483647
                steps[-1]["chosen"] = random % len(stops)
            stop, variables = stops[steps[-1]["chosen"]]
            here = self._output(self.pins[stop].owner, 0)
        return {"steps": steps, "variables": variables}

    def _read(self, pin: str, language: str) -> dict[str, Any]:
        number = self.pins[pin].owner
        item = self.objects[number]
        speaker = self._child(item, "Speaker")
        found = {
            "type": item.get("ObjectTemplateReferenceName") or self.kind(number),
            "speaker": NULL if speaker is None else speaker.get("IdRef"),
        }
        for key, name in (("text", "Text"), ("menu", "MenuText")):
            texts = self.texts(number, name)
            found[key] = texts.get(language, texts.get("en", ""))
        return found

    def _output(self, owner: str, index: int) -> str:
        return next(
            x for x, pin in self.pins.items()
            if pin.owner == owner and not pin.is_input and pin.index == index
        )  # fmt: skip

    def _branches(
        self, pin: str, variables: dict[str, dict[str, Any]]
    ) -> Iterator[tuple[str | None, dict[str, dict[str, Any]]]]:
        """What can be come to from a pin: pins of fragments, or None for an end."""
        held = {name: dict(values) for name, values in variables.items()}
        if not self.pins[pin].is_input:
            run(self.pins[pin].script, held)
        wires = self.pins[pin].wires
        if not wires:
            yield None, held
        for target in wires:
            mine = {name: dict(values) for name, values in held.items()}
            yield from self._enter(target, mine)

    def _enter(
        self, pin: str, held: dict[str, dict[str, Any]]
    ) -> Iterator[tuple[str | None, dict[str, dict[str, Any]]]]:
        while True:
            owner = self.pins[pin].owner
            if not self.pins[pin].is_input:
                yield None, held
                return
            if not ask(self.pins[pin].script, held):
                return
            item, output = self.objects[owner], 0
            match self.kind(owner):
                case "DialogueFragment":
                    yield pin, held
                    return
                case "Jump":
                    pin = self._child(item, "Target").get("PinRef")
                    continue
                case "Condition":
                    output = 0 if ask(self.word(item, "Expression"), held) else 1
                case "Instruction":
                    run(self.word(item, "Expression"), held)
            out = self._output(owner, output)
            wires = self.pins[out].wires
            if not wires:
                yield None, held
                return
            assert len(wires) == 1
            pin = wires[0]


def plain(text: str) -> str:
    """A text without the markup of articy."""
    if not re.match(r"\s*<html\b", text, re.IGNORECASE):
        return text
    lines = re.findall(r"(?s)<p\b[^>]*>(.*?)</p>", text)
    return "\n".join(html.unescape(re.sub(r"(?s)<[^>]+>", "", line)) for line in lines)


def _python(script: str) -> str:
    """expresso as Python: operators outside of texts."""
    parts = [_WORDS.get(x, x) for x in _TOKEN.findall(script)]
    return "".join(
        x if x.startswith('"') else re.sub(r"\btrue\b", "True", re.sub(r"\bfalse\b", "False", x))
        for x in parts
    )


def ask(script: str, held: dict[str, dict[str, Any]]) -> bool:
    """A condition; an empty one holds."""
    if not script:
        return True
    names = {name: SimpleNamespace(**values) for name, values in held.items()}
    found = eval(_python(script).strip(), {"__builtins__": {}}, names)
    assert isinstance(found, bool), script
    return found


def run(script: str, held: dict[str, dict[str, Any]]) -> None:
    """An instruction, whose statements end with semicolons."""
    names = {name: SimpleNamespace(**values) for name, values in held.items()}
    for statement in script.split(";"):
        exec(_python(statement).strip(), {"__builtins__": {}}, names)
    for name, values in held.items():
        for key in values:
            value = getattr(names[name], key)
            whole = isinstance(value, float) and value.is_integer()
            values[key] = int(value) if whole else value
