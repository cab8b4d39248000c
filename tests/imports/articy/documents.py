"""Writes articy projects as articy:draft does: the JSON of 3, the folder of X, and XML."""

import json
from dataclasses import dataclass, field
from html import escape
from typing import Any

Json = dict[str, Any]
FLOW, ENTITIES, PROJECT = 0x0300000043CE43F7, 0x03000000AC61A2B3, 0x0100000000000001
_PINS = {"Condition": (1, 2), "Jump": (1, 0), "Comment": (0, 0), "Entity": (0, 0),
         "Location": (0, 0), "Zone": (0, 0), "Spot": (0, 0), "Link": (0, 0), "Asset": (0, 0),
         "Document": (0, 0), "UserFolder": (0, 0)}  # fmt: skip
_LOCALISED = {"FlowFragment", "Dialogue", "Hub", "Entity", "Location", "Zone", "Spot", "Asset",
              "Document", "UserFolder"}  # fmt: skip


def hexadecimal(number: int) -> str:
    """An id as articy writes it."""
    return f"0x{number:016X}"


@dataclass
class Thing:
    """One object; ``pins`` are ids and scripts, inputs first."""

    id: int
    kind: str
    parent: int
    members: Json
    inputs: list[list[Any]] = field(default_factory=list)
    outputs: list[list[Any]] = field(default_factory=list)


@dataclass
class Wire:
    """A connection between pins."""

    id: int
    source: int
    pin: int
    target: int
    to: int
    label: str = ""


class Document:
    """A project that grows call by call."""

    def __init__(self) -> None:
        self.things: dict[int, Thing] = {}
        self.wires: list[Wire] = []
        self.sets: dict[str, dict[str, tuple[str, str]]] = {}
        self._next = 0x0100000000000100

    def number(self) -> int:
        """A new id."""
        self._next += 1
        return self._next

    def add(
        self, kind: str, parent: int = FLOW, asked: str = "", done: str = "", **members: Any
    ) -> int:
        """An object; ``asked`` and ``done`` are the scripts of its pins."""
        number = self.number()
        ins, outs = _PINS.get(kind, (1, 1))
        members.setdefault("y", float(len(self.things) * 10))
        members.setdefault("technical", f"{kind[:3]}_{number:X}")
        members.setdefault("name", members["technical"])
        self.things[number] = Thing(
            number,
            kind,
            parent,
            members,
            [[self.number(), asked] for _ in range(ins)],
            [[self.number(), done] for _ in range(outs)],
        )
        return number

    def fragment(self, parent: int, text: Any, **more: Any) -> int:
        """A dialogue fragment."""
        return self.add("DialogueFragment", parent, text=text, **more)

    def lead(self, source: int, target: int, output: int = 0, label: str = "") -> None:
        """A connection, out of a container's inside or into it where one holds the other."""
        begin, end = self.things[source], self.things[target]
        pin = (begin.inputs if end.parent == source else begin.outputs)[output][0]
        to = (end.outputs if begin.parent == target else end.inputs)[0][0]
        self.wires.append(Wire(self.number(), source, pin, target, to, label))

    def jump(self, parent: int, target: int, asked: str = "", **more: Any) -> int:
        """A jump."""
        pin = self.things[target].inputs[0][0]
        return self.add("Jump", parent, asked, target=target, pin=pin, **more)

    # -- JSON

    def models(self) -> list[Json]:
        """The members of the package."""
        return [self._model(x) for x in self.things.values()]

    def _model(self, thing: Thing) -> Json:
        told = thing.members
        properties: Json = {
            "TechnicalName": told["technical"],
            "Id": hexadecimal(thing.id),
            "Parent": hexadecimal(thing.parent),
            "Text": told.get("text", ""),
            "ExternalId": "",
            "Color": {"r": 1.0, "g": 0.5, "b": 0.0},
            "Position": {"x": told.get("x", 0.0), "y": told["y"]},
            "Size": {"w": 100.0, "h": 100.0},
            "ShortId": thing.id % 1000,
        }
        if thing.kind not in ("DialogueFragment", "Jump"):
            properties["DisplayName"] = told["name"]
        if thing.kind == "DialogueFragment":
            properties |= {
                "MenuText": told.get("menu", ""), "StageDirections": told.get("stage", ""),
                "Speaker": hexadecimal(told.get("speaker", 0)),
            }  # fmt: skip
        if thing.kind in ("Condition", "Instruction"):
            properties["Expression"] = told.get("expression", "")
        if thing.kind == "Jump":
            properties |= {
                "Target": hexadecimal(told["target"]), "TargetPin": hexadecimal(told["pin"]),
            }  # fmt: skip
        properties |= told.get("more", {})
        for key, pins in (("InputPins", thing.inputs), ("OutputPins", thing.outputs)):
            if pins:
                properties[key] = [self._pin(thing.id, *pin) for pin in pins]
        made: Json = {"Type": told.get("template", thing.kind), "Properties": properties}
        if "features" in told:
            made["Template"] = told["features"]
        return made

    def _pin(self, owner: int, number: int, script: str) -> Json:
        made: Json = {"Text": script, "Id": hexadecimal(number), "Owner": hexadecimal(owner)}
        wires = [x for x in self.wires if x.pin == number]
        if wires:
            made["Connections"] = [
                {"Label": x.label, "TargetPin": hexadecimal(x.to), "Target": hexadecimal(x.target)}
                for x in wires
            ]
        return made

    def variables(self) -> list[Json]:
        """The global variables."""
        return [
            {
                "Namespace": name,
                "Description": "",
                "Variables": [
                    {"Variable": x, "Type": kind, "Value": value, "Description": ""}
                    for x, (kind, value) in inner.items()
                ],
            }
            for name, inner in self.sets.items()
        ]

    def hierarchy(self) -> Json:
        """The tree of all objects."""

        def node(number: int, kind: str) -> Json:
            inner = [x for x in self.things.values() if x.parent == number]
            made: Json = {"Id": hexadecimal(number), "TechnicalName": kind, "Type": kind}
            if inner:
                made["Children"] = [node(x.id, x.kind) for x in inner]
            return made

        tops = sorted({x.parent for x in self.things.values()} - self.things.keys())
        made = {"Id": hexadecimal(PROJECT), "TechnicalName": "P", "Type": "Project"}
        return {**made, "Children": [node(x, "Flow") for x in tops]}

    def json(self, **more: Any) -> Json:
        """The one document of articy:draft 3."""
        classes = sorted({x.kind for x in self.things.values()})
        return {
            "Settings": {"set_Localization": "False", "ExportVersion": "1.0"},
            "Project": {"Name": "Made", "DetailName": "", "Guid": "0", "TechnicalName": "made"},
            "GlobalVariables": self.variables(),
            "ObjectDefinitions": [
                *({"Type": x, "Class": x, "Properties": []} for x in classes),
                *more.pop("definitions", []),
            ],
            "Packages": [{"Name": "All", "IsDefaultPackage": True, "Models": self.models()}],
            "ScriptMethods": [],
            "Hierarchy": self.hierarchy(),
            **more,
        }

    # -- XML

    def xml(self, version: str = "4.0", extra: str = "", languages: str = "") -> str:
        """The XML export of a version: 2.2, 2.4, 3.1 or 4.0; ``none`` has no namespace."""
        host = "articy" if version == "4.0" else "nevigo"
        space = (
            f"http://www.{host}.com/schemas/articydraft/{version}/XmlContentExport_FullProject.xsd"
        )
        root = "<Export" if version == "none" else f'<Export xmlns="{space}"'
        lines = [
            '<?xml version="1.0" encoding="utf-8" standalone="yes" ?>',
            root + ' Version="3.1">',
        ]
        if version != "2.2":
            lines.append("<Settings><ExportMarkup>1</ExportMarkup></Settings>")
        lines += ["<Content>", f'<Project Id="{hexadecimal(PROJECT)}"><DisplayName>Made</DisplayName>',  # noqa: E501
                  "</Project>", languages, f'<Flow Id="{hexadecimal(FLOW)}"/>',
                  f'<Entities Id="{hexadecimal(ENTITIES)}"/>', extra]  # fmt: skip
        lines += [self._element(x, version) for x in self.things.values()]
        lines += [self._connection(x) for x in self.wires]
        for number, (name, inner) in enumerate(self.sets.items()):
            variables = "".join(
                f"<Variable><TechnicalName>{x}</TechnicalName><DataType>{kind}</DataType>"
                f"<DefaultValue>{escape(value)}</DefaultValue></Variable>"
                for x, (kind, value) in inner.items()
            )
            lines.append(
                f'<VariableSet Id="{hexadecimal(0x0200000000000000 + number)}"><TechnicalName>{name}'  # noqa: E501
                f"</TechnicalName><Variables>{variables}</Variables></VariableSet>"
            )
        attribute = "Id" if version == "2.2" else "IdRef"
        lines += ["</Content><Hierarchy>", self._node(self.hierarchy(), attribute)]
        return "\n".join([*lines, "</Hierarchy></Export>"])

    def _node(self, node: Json, attribute: str) -> str:
        inner = "".join(self._node(x, attribute) for x in node.get("Children", ()))
        return f'<Node {attribute}="{node["Id"]}" Type="{node["Type"]}">{inner}</Node>'

    def _element(self, thing: Thing, version: str) -> str:
        told = thing.members
        template = told.get("template", "")
        given = f' ObjectTemplateReferenceName="{template}"' if template else ""
        plain = thing.kind not in _LOCALISED and version != "2.2"
        parts = [f'<{thing.kind} Id="{hexadecimal(thing.id)}"{given}>']
        name = escape(told["name"])
        parts.append(
            f"<DisplayName>{name}</DisplayName>" if plain else _text("DisplayName", told["name"])
        )
        parts.append(_text("Text", told.get("text", "")))
        parts.append(f"<Color>#FF8000</Color><TechnicalName>{told['technical']}</TechnicalName>")
        parts.append(told.get("inner", ""))
        if thing.kind in ("Condition", "Instruction"):
            parts.append(f"<Expression>{escape(told.get('expression', ''))}</Expression>")
        pins = [
            f'<Pin Id="{hexadecimal(number)}" Index="{index}" Semantic="{side}">'
            f"<Expression>{escape(script)}</Expression></Pin>"
            for side, listed in (("Input", thing.inputs), ("Output", thing.outputs))
            for index, (number, script) in enumerate(listed)
        ]
        parts.append(f'<Pins Count="{len(pins)}">{"".join(pins)}</Pins>')
        if version != "2.2":
            parts.append(f'<Position X="{told.get("x", 0.0)}" Y="{told["y"]}"/>')
        if told.get("speaker"):
            parts.append(f'<Speaker IdRef="{hexadecimal(told["speaker"])}"/>')
        parts.append(_text("StageDirections", told.get("stage", "")))
        parts.append(_text("MenuText", told.get("menu", "")))
        if thing.kind == "Jump":
            parts.append(
                f'<Target IdRef="{hexadecimal(told["target"])}" PinRef="{hexadecimal(told["pin"])}"/>'  # noqa: E501
            )
        return "".join([*parts, f"</{thing.kind}>"])

    def _connection(self, wire: Wire) -> str:
        return (
            f'<Connection Id="{hexadecimal(wire.id)}">{_text("Label", wire.label)}'
            f'<Source IdRef="{hexadecimal(wire.source)}" PinRef="{hexadecimal(wire.pin)}"/>'
            f'<Target IdRef="{hexadecimal(wire.target)}" PinRef="{hexadecimal(wire.to)}"/>'
            "</Connection>"
        )


def _text(name: str, text: Any) -> str:
    """A localised text; a mapping gives it in languages."""
    if not text:
        return f'<{name} Count="0"/>'
    told = text if isinstance(text, dict) else {"": text}
    inner = "".join(
        f'<LocalizedString Lang="{x}">{escape(said)}</LocalizedString>' for x, said in told.items()
    )
    return f'<{name} Count="{len(told)}">{inner}</{name}>'


def folder_of_x(document: Document, texts: Json | None = None) -> dict[str, str]:
    """The files of articy:draft X for a project."""
    made = document.json()
    files = {
        "global_variables.json": {"GlobalVariables": made["GlobalVariables"]},
        "object_definitions.json": {"ObjectDefinitions": made["ObjectDefinitions"]},
        "script_methods.json": {"ScriptMethods": []},
        "hierarchy.json": made["Hierarchy"],
        "package_1_objects.json": {"Objects": made["Packages"][0]["Models"]},
        "package_1_localization.json": texts or {},
    }

    def ref(name: str) -> Json:
        return {"FileName": name, "Hash": "x"}

    manifest = {
        "Settings": {"set_IncludedNodes": "Settings", "ExportVersion": "2.0"},
        "Project": made["Project"],
        "Languages": [
            {"CultureName": "en", "LanguageName": "English", "IsVoiceOver": False},
            {"CultureName": "de-DE", "LanguageName": "Deutsch", "IsVoiceOver": False},
        ],
        "GlobalVariables": ref("global_variables.json"),
        "ObjectDefinitions": {"Types": ref("object_definitions.json")},
        "Packages": [
            {"Id": "0x1", "Name": "All", "IsIncluded": True,
             "Files": {"Objects": ref("package_1_objects.json"),
                       "Texts": ref("package_1_localization.json")}}
        ],
        "ScriptMethods": ref("script_methods.json"),
        "Hierarchy": ref("hierarchy.json"),
    }  # fmt: skip
    return {"manifest.json": json.dumps(manifest)} | {
        name: json.dumps(value) for name, value in files.items()
    }
