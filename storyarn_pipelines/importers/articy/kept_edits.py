"""What an author has changed in articy of a flow that our own export keeps, put into the flow.

Every object carries the marks of what articy showed of it when it was exported. A mark that no
longer fits is a change, and articy's word counts. Texts, speakers, scripts, places and simple
connections go into the original; a change of the flow's make, such as a new object, does not:
then the whole flow is read as articy has it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.articy import names, texts
from storyarn_pipelines.importers.articy.book import Book, Json
from storyarn_pipelines.importers.articy.items import FLOW_KINDS, NOTHING, Item, hexadecimal
from storyarn_pipelines.importers.articy.kept import KeptFlow, Marks, data_of, listed
from storyarn_pipelines.importers.articy.kept_scripts import EditedScripts
from storyarn_pipelines.importers.articy.kept_texts import changed_texts
from storyarn_pipelines.importers.articy.ways import source_of, target_of
from storyarn_pipelines.importers.articy.world import World
from storyarn_pipelines.serializers.articy.kept import mark

CALL = -1
"""The part of a node that leads to the called flow."""

_NEAR = 1e-5
_TEXTS = {"text": "text", "menu": "menu_text", "stage": "stage_directions"}
Called = Callable[[int], int | None]
"""The flow that begins with an object, None if none does."""


class TangledError(Exception):
    """A change that the original has no place for; the message says which."""


class FlowEdits:
    """The changes of one flow. ``made`` says of each object what was changed, ``lost`` what of it
    cannot be held, each as a remark and its place.
    """

    def __init__(
        self, book: Book, world: World, container: Item, kept: KeptFlow, called: Called
    ) -> None:
        self._book, self._world, self._container, self._kept = book, world, container, kept
        self._called = called
        self._nodes = {x["id"]: x for x in listed(kept.flow, "nodes")}
        self._scripts = EditedScripts(book, world, kept.flow)
        self.made: list[str] = []

    @property
    def lost(self) -> list[tuple[str, str]]:
        """What cannot be held of changed scripts."""
        return self._scripts.lost

    def apply(self) -> None:
        """Put all changes into the flow. Raises TangledError."""
        store = self._book.store
        members = [
            x
            for x in store.children(self._container.id)
            if store.kind(x) in FLOW_KINDS or store.kind(x) == "Comment"
        ]
        items = {hexadecimal(x.id): x for x in (self._container, *store.items(members))}
        for number in items.keys() ^ self._kept.marks.keys():
            what = "is new" if number in items else "is gone"
            raise TangledError(f"{number} {what}")
        for number, marks in self._kept.marks.items():
            self._object(items[number], marks)

    def _object(self, item: Item, marks: Marks) -> None:
        for field, locale, text in changed_texts(self._book, item, marks):
            self._text(item, marks, field, locale, text)
        node = self._node(marks)
        speaker = hexadecimal(item.speaker) if item.speaker else None
        if speaker != marks.get("speaker"):
            self._speaker(item, marks)
        if _differs(item.expression, marks.get("expression")):
            self._script(item, marks, item.expression, is_condition=item.kind == "Condition")
        target = item.target or self._book.store.owner(item.target_pin)
        if (hexadecimal(target) if target else None) != marks.get("target"):
            self._aim(item, marks, target)
        for side, pins in (("in", item.inputs()), ("out", item.outputs())):
            for index, pin in enumerate(pins):
                if _differs(pin.script, marks.get(f"{side}{index}")):
                    self._pin(item, marks, f"{side}{index}", pin.script)
                ends = self._ends(item.id, pin.id)
                told = " ".join(sorted(f"{hexadecimal(x)}:{hexadecimal(y)}" for x, y in ends))
                if _differs(told, marks.get(f"{side}{index}>")):
                    self._rewire(item, marks, f"{side}{index}", [x for x, _ in ends])
        place = marks.get("at")
        if node is not None and not marks.get("part") and _moved(item, place):
            node["position_x"], node["position_y"] = item.x, item.y
            self._note(item, "place")

    def _ends(self, number: int, pin: int) -> list[tuple[int, int]]:
        """Where a pin leads."""
        store, found = self._book.store, []
        for _, wire in store.leaving(number):
            if source_of(store, wire).pin in (pin, NOTHING):
                end = target_of(store, wire)
                found.append((end.item, end.pin))
        return found

    # -- what was changed

    def _text(self, item: Item, marks: Marks, field: str, locale: str, text: str) -> None:
        self._note(item, field if not locale else f"{field} in {locale}")
        node, part = self._node(marks), marks.get("part")
        if item.id == self._container.id:
            if field == "name" and not locale:
                self._kept.flow["name"] = names.shown_name(texts.plain(text), "Flow")
            elif field == "text":
                self._kept.flow["description"] = texts.plain(text)[:2000] or None
            return
        if node is None:
            return  # what is said only in articy
        data = data_of(node)
        match node.get("type"), field:
            case "dialogue", "menu" if part is not None:
                one = self._response(node, part)
                made = texts.response(text, self._book.variables)
                self._say(node, one, "text", f"response.{one.get('id')}.text", locale, made)
            case "dialogue", _ if part is not None:
                raise TangledError(f"{self._book.where(item)} says something as a response")
            case "dialogue", "text":
                made = texts.markup(text, self._book.variables)
                self._say(node, data, "text", "text", locale, made)
            case "dialogue", ("menu" | "stage"):
                name = _TEXTS[field]
                self._say(node, data, name, name, locale, texts.plain(text))
            case (("hub" | "exit"), "name"):
                self._say(node, data, "label", "label", locale, texts.plain(text))
            case "annotation", "text":
                data["text"] = texts.plain(text)

    def _say(self, node: Json, row: Json, key: str, field: str, locale: str, text: str) -> None:
        if not locale:
            row[key] = text
            return
        fields = self._kept.texts.setdefault(str(node["id"]), {})
        voiced = fields.setdefault(field, {})
        _, voice = voiced.get(locale, (None, None))
        voiced[locale] = (text or None, voice)

    def _speaker(self, item: Item, marks: Marks) -> None:
        node = self._node(marks)
        if node is None or node.get("type") != "dialogue" or marks.get("part") is not None:
            raise TangledError(f"{self._book.where(item)} has another speaker")
        data_of(node)["speaker_sheet_id"] = self._book.sheet_of(item.speaker)
        self._note(item, "speaker")

    def _script(self, item: Item, marks: Marks, script: str, *, is_condition: bool) -> None:
        node, part = self._node(marks), marks.get("part")
        if node is None or node.get("type") not in ("condition", "instruction"):
            raise TangledError(f"the script of {self._book.where(item)} is another")
        data = data_of(node)
        self._note(item, "script")
        if not is_condition:
            data["assignments"] = self._scripts.instruction(item, node, script)
            return
        structure = self._scripts.condition(item, node, script)
        if part is None:
            data["condition"] = structure
            return
        blocks = data["condition"]["blocks"]
        made = structure["blocks"]
        if len(made) > 1 or part >= len(blocks):
            raise TangledError(f"{self._book.where(item)} asks more than a case can")
        only = made[0] if made else {"type": "block", "logic": "all", "rules": []}
        kept = {x: y for x, y in blocks[part].items() if x in ("id", "label", "name")}
        blocks[part] = {**only, **kept}

    def _pin(self, item: Item, marks: Marks, pin: str, script: str) -> None:
        node, part = self._node(marks), marks.get("part")
        if node is None or node.get("type") != "dialogue" or part is None:
            raise TangledError(f"a pin of {self._book.where(item)} has another script")
        one = self._response(node, part)
        self._note(item, "script")
        if pin == "in0":
            blank = not script.strip()
            made = None if blank else self._scripts.condition(item, node, script)
            one["condition"] = None if made is None else orjson.dumps(made).decode()
        else:
            one["instruction"] = None
            one["instruction_assignments"] = self._scripts.instruction(item, node, script)

    def _aim(self, item: Item, marks: Marks, target: int) -> None:
        """A jump that leads elsewhere."""
        node, part = self._node(marks), marks.get("part")
        if node is not None and part == CALL:
            flow = self._called(target)
            if flow is not None:
                data = data_of(node)
                key = "referenced_flow_id"
                if node.get("type") == "exit" and data.get("target_type") == "flow":
                    data["target_id"] = flow
                data[key] = flow
                self._note(item, "call")
                return
        elif node is not None and node.get("type") == "jump":
            there = self._goal(target)
            hub = data_of(there).get("hub_id") if there and there.get("type") == "hub" else None
            if isinstance(hub, str) and hub:
                data_of(node)["target_hub_id"] = hub
                self._note(item, "target")
                return
        raise TangledError(f"{self._book.where(item)} leads elsewhere")

    def _rewire(self, item: Item, marks: Marks, pin: str, ends: list[int]) -> None:
        """An output that leads elsewhere, or nowhere."""
        node, leads = self._node(marks), marks.get("leads") or {}
        pins = leads.get(pin.removeprefix("out"))
        there = self._goal(ends[0]) if len(ends) == 1 else None
        shares = node is None or node.get("type") in ("subflow", "exit")
        if not pins or (ends and there is None) or (shares and not ends):
            raise TangledError(f"the connections of {self._book.where(item)} are others")
        own = str(self._owner(item, marks))
        dropped = pins[:1] if shares else pins
        self._kept.flow["connections"] = [
            x
            for x in listed(self._kept.flow, "connections")
            if x.get("source_node_id") != own or x.get("source_handle") not in dropped
        ]
        if there is not None:
            self._kept.flow["connections"].append(
                self._book.draft.row(
                    t.FLOW_CONNECTIONS, source_handle=pins[0], target_handle="input",
                    source_node_id=own, target_node_id=str(there["id"]),
                )
            )  # fmt: skip
        self._note(item, "connection")

    # -- who is who

    def _node(self, marks: Marks) -> Json | None:
        """The node that an object stands for, or is a part of."""
        number = marks.get("node")
        return self._nodes.get(number) if isinstance(number, str) else None

    def _owner(self, item: Item, marks: Marks) -> object:
        node = self._node(marks)
        if node is None:
            raise TangledError(f"the connections of {self._book.where(item)} are others")
        return node["id"]

    def _goal(self, number: int) -> Json | None:
        """The node that an object leads into."""
        marks = self._kept.marks.get(hexadecimal(number), {})
        node = self._node(marks)
        is_first = marks.get("part") == 0 and node is not None and node.get("type") == "condition"
        return node if marks.get("part") is None or is_first else None

    def _response(self, node: Json, part: int) -> Json:
        responses = listed(data_of(node), "responses")
        if not 0 <= part < len(responses):
            raise TangledError(f"node {node['id']} has no such response")
        return responses[part]

    def _note(self, item: Item, what: str) -> None:
        self.made.append(f"{self._book.where(item)}: {what}")


def scripts_differ(item: Item, marks: Marks) -> bool:
    """Whether any script of an object is not what it was."""
    scripts = {"expression": item.expression}
    scripts |= {f"in{index}": x.script for index, x in enumerate(item.inputs())}
    scripts |= {f"out{index}": x.script for index, x in enumerate(item.outputs())}
    return any(_differs(script, marks.get(name)) for name, script in scripts.items())


def _differs(text: str, known: object) -> bool:
    return (mark(text) if text else None) != known


def _moved(item: Item, place: Any) -> bool:
    if not isinstance(place, list) or len(place) != 2:
        return False
    pairs: Iterator[tuple[float, Any]] = zip((item.x, item.y), place, strict=True)
    return any(
        isinstance(old, int | float) and abs(new - old) > max(0.5, abs(old) * _NEAR)
        for new, old in pairs
    )
