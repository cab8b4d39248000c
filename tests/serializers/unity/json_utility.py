"""Reads a database as strictly as Unity's ``JsonUtility`` is lenient.

What ``JsonUtility`` would pass over in silence is an error here: an unknown member, a missing
one, a value of another type, a number that does not fit, an id that is there twice or missing.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str], None]


class NotReadError(AssertionError):
    """Unity would read something else than what the file says."""


def _is(kind: type, name: str) -> Check:
    def check(value: Any, where: str) -> None:
        if type(value) is not kind:
            raise NotReadError(f"{where}: {name} expected, found {value!r:.80}")

    return check


def _int(value: Any, where: str) -> None:
    if type(value) is not int or not -(2**31) <= value < 2**31:
        raise NotReadError(f"{where}: an int of 32 bits expected, found {value!r:.80}")


def _float(value: Any, where: str) -> None:
    if type(value) not in (int, float) or not abs(value) < 3e38:
        raise NotReadError(f"{where}: a float expected, found {value!r:.80}")


def _one_of(*allowed: Any) -> Check:
    def check(value: Any, where: str) -> None:
        if type(value) is not type(allowed[0]) or value not in allowed:
            raise NotReadError(f"{where}: one of {allowed} expected, found {value!r:.80}")

    return check


def _list(item: Check, size: int | None = None) -> Check:
    def check(value: Any, where: str) -> None:
        _is(list, "a list")(value, where)
        if size is not None and len(value) != size:
            raise NotReadError(f"{where}: {size} items expected, found {len(value)}")
        for index, found in enumerate(value):
            item(found, f"{where}[{index}]")

    return check


def _object(members: Mapping[str, Check]) -> Check:
    def check(value: Any, where: str) -> None:
        _is(dict, "an object")(value, where)
        for name in value.keys() - members.keys():
            raise NotReadError(f"{where}.{name}: Unity has no such member")
        for name, inner in members.items():
            if name not in value:
                raise NotReadError(f"{where}.{name}: missing")
            inner(value[name], f"{where}.{name}")

    return check


_bool, _text = _is(bool, "a boolean"), _is(str, "a text")
_reference = _object({"instanceID": _one_of(0)})
_TYPES = ("Text", "Number", "Boolean", "Files", "Localization", "Actor", "Item", "Location")
_field_members = _object({"title": _text, "value": _text, "type": _int, "typeString": _text})


def _field(value: Any, where: str) -> None:
    _field_members(value, where)
    if not 0 <= value["type"] < len(_TYPES):
        raise NotReadError(f"{where}: there is no type {value['type']}")
    if value["typeString"] != f"CustomFieldType_{_TYPES[value['type']]}":
        raise NotReadError(f"{where}: {value['typeString']} is not of type {value['type']}")
    if not value["title"]:
        raise NotReadError(f"{where}: a field without a title")


def _fields(value: Any, where: str) -> None:
    _list(_field)(value, where)
    titles = [field["title"] for field in value]
    twice = {title for title in titles if titles.count(title) > 1}
    if twice:
        raise NotReadError(f"{where}: {sorted(twice)} are there twice")


_ASSET: dict[str, Check] = {"id": _int, "fields": _fields}
_ACTOR = _ASSET | {
    "portrait": _reference, "spritePortrait": _reference,
    "alternatePortraits": _list(_reference), "spritePortraits": _list(_reference),
}  # fmt: skip
_RECT = _object(
    {"serializedVersion": _one_of("2"), "x": _float, "y": _float, "width": _float, "height": _float}
)
_COLOR = _object(dict.fromkeys("rgba", _float))
_LINK = _object({
    "originConversationID": _int, "originDialogueID": _int, "destinationConversationID": _int,
    "destinationDialogueID": _int, "isConnector": _bool, "priority": _one_of(0, 1, 2, 3, 4),
})  # fmt: skip
_ENTRY = _object({
    "id": _int, "fields": _fields, "conversationID": _int, "isRoot": _bool, "isGroup": _bool,
    "nodeColor": _text, "delaySimStatus": _bool,
    "falseConditionAction": _one_of("Block", "Passthrough"),
    "conditionPriority": _one_of(0, 1, 2, 3, 4), "outgoingLinks": _list(_LINK),
    "conditionsString": _text, "userScript": _text,
    "onExecute": _object({"m_PersistentCalls": _object({"m_Calls": _list(_text, 0)})}),
    "canvasRect": _RECT,
})  # fmt: skip
_CONVERSATION = _object({
    "id": _int, "fields": _fields, "overrideSettings": _object({}), "nodeColor": _text,
    "dialogueEntries": _list(_ENTRY),
    "entryGroups": _list(_object({"name": _text, "rect": _RECT, "color": _COLOR})),
    "canvasScrollPosition": _object({"x": _float, "y": _float}), "canvasZoom": _float,
})  # fmt: skip
_KINDS = ("Actors", "Items", "Locations", "Variables")
_DATABASE = {
    "version": _text, "author": _text, "description": _text, "globalUserScript": _text,
    "emphasisSettings": _list(
        _object({"color": _COLOR, "bold": _bool, "italic": _bool, "underline": _bool}), 4
    ),
    "baseID": _int,
    "actors": _list(_object(_ACTOR)), "items": _list(_object(_ASSET)),
    "locations": _list(_object(_ASSET)), "variables": _list(_object(_ASSET)),
    "conversations": _list(_CONVERSATION),
    "syncInfo": _object(
        {f"sync{x}": _bool for x in _KINDS} | {f"sync{x}Database": _reference for x in _KINDS}
    ),
    "templateJson": _text,
}  # fmt: skip
MEDIA = "storyarnMedia"
"""The one key beside the plugin's own, in exports with embedded media."""


def read_database(text: bytes) -> dict[str, Any]:
    """The database, if Unity reads all of it and nothing in it leads nowhere."""
    database: dict[str, Any] = json.loads(text.decode("utf-8"), parse_constant=_no_constant)
    media = database.pop(MEDIA, None)
    _object(_DATABASE)(database, "database")
    for name in ("actors", "items", "locations", "variables", "conversations"):
        _unique(database[name], name)
    _references(database)
    return database if media is None else database | {MEDIA: media}


def value_of(owner: Mapping[str, Any], title: str, default: str = "") -> str:
    """The value of a field."""
    found = (x["value"] for x in owner["fields"] if x["title"] == title)
    return next(found, default)


def _no_constant(name: str) -> None:
    raise NotReadError(f"{name} is no JSON")


def _unique(items: list[dict[str, Any]], where: str) -> None:
    ids = [item["id"] for item in items]
    if len(set(ids)) != len(ids):
        raise NotReadError(f"{where}: ids are there twice")


def _references(database: dict[str, Any]) -> None:
    """Every actor, conversation and entry that is named is there."""
    entries = set()
    titles = [value_of(x, "Title") for x in database["conversations"]]
    if len(set(titles)) != len(titles):
        raise NotReadError("conversations: two have one title")
    for conversation in database["conversations"]:
        where = f"conversation {conversation['id']}"
        found = conversation["dialogueEntries"]
        _unique(found, where)
        starts = [x["id"] for x in found if value_of(x, "Title") == "START"]
        if starts != [0] or found[0]["id"] != 0:
            raise NotReadError(f"{where}: START is not the one entry 0: {starts}")
        entries |= {(conversation["id"], x["id"]) for x in found}
    actors = {str(x["id"]) for x in database["actors"]}
    for conversation in database["conversations"]:
        for owner in (conversation, *conversation["dialogueEntries"]):
            for title in ("Actor", "Conversant"):
                if value_of(owner, title) not in actors:
                    raise NotReadError(f"{owner['id']}: {title} is nobody")
        for entry in conversation["dialogueEntries"]:
            here = (conversation["id"], entry["id"])
            if entry["conversationID"] != conversation["id"]:
                raise NotReadError(f"entry {here} says that it is elsewhere")
            for link in entry["outgoingLinks"]:
                origin = (link["originConversationID"], link["originDialogueID"])
                target = (link["destinationConversationID"], link["destinationDialogueID"])
                if origin != here or target not in entries:
                    raise NotReadError(f"a link of {here} goes from {origin} to {target}")
