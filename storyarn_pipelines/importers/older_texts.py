"""Strings, terms and languages as older documents have them."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.json_values import filled
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.cut import Piece
from storyarn_pipelines.importers.native import STRINGS, Fields, entity, fields, locales
from storyarn_pipelines.importers.older_facts import Field
from storyarn_pipelines.importers.older_rows import leftovers, tell_lost
from storyarn_pipelines.importers.older_values import Conversions, is_missing, number_of_words
from storyarn_pipelines.importers.rows import Row, refusal

_FIELDS = {"block": "value.content", "sheet": "name"}
_ROLES = {
    "text": ("dialogue", True),
    "stage_directions": ("stage_direction", False),
    "menu_text": ("menu", False),
    "label": ("exit", False),
    "value.content": ("runtime_value", False),
    "name": ("speaker_name", False),
}
_RESPONSE = ("response", True)
_SPOKEN = ("dialogue", "response")
_LONGEST_TERM_LOCALE = 10
_FIRST_IS_TEXT = re.compile(rb'\s*\{\s*"[^"\\]*"\s*:\s*"')
_KEYS = ("key", "text_key", "localization_id")
_OF_STRING = frozenset(
    (*_KEYS, "id", "source_type", "source_id", "source_field", "content_role", "vo_eligible",
     "character_shortcut", "translations")
)  # fmt: skip
_OF_TERM = frozenset(
    ("id", "term", "source_term", "source_locale", "translations", "context", "do_not_translate")
)


def strings(piece: Piece, found: Fields, conversions: Conversions) -> Iterator[Row]:
    """The rows of a string, one a target language.

    What the string does not say of its source is taken from the node that has its key.
    """
    pointer = piece.pointer
    key = piece.key.removeprefix(STRINGS)
    if piece.index is not None:
        key = next((x for name in _KEYS if (x := _text(found, name, pointer))), "")
        conversions.note("strings in a list", pointer)
    source = _source(found, key, pointer, conversions)
    speaker = _speaker(found, source, pointer, conversions)
    facts = conversions.facts
    _tell_unknown(found, _OF_STRING, t.LOCALIZED_TEXTS, pointer, conversions)
    for locale, raw in locales(found, pointer):
        place = f"{pointer}/translations/{_escaped(locale)}"
        code = _locale(locale, place, conversions)
        if code == _locale(facts.source_locale or "", place, None):
            what = "translations of the source language, which the texts themselves are, left out"
            conversions.note(what, place)
            continue
        row = entity(t.LOCALIZED_TEXTS, _translation(raw, place), place)
        row.values = {**_shared(found, source), **row.values, "locale_code": _json(code)}
        row.key = key or ".".join(source)
        row.values.setdefault("id", _json(place))
        if speaker and is_missing(row, "speaker_sheet_id"):
            row.values["speaker_sheet_id"] = _json(speaker)
        _complete(row, facts.texts.get(source), conversions)
        tell_lost(conversions, leftovers(row, conversions))
        yield row


def _source(found: Fields, key: str, pointer: str, conversions: Conversions) -> Field:
    kind, ref, name = (
        _text(found, column, pointer) for column in ("source_type", "source_id", "source_field")
    )
    kind = "sheet" if kind == "page" else kind
    known = conversions.facts.keys.get(key) if key else None
    if known and ref in (None, known[1]) and kind in (None, known[0]):
        if not name:
            conversions.note("strings that go by the text_key of their source", pointer)
        return (known[0], known[1], name or known[2])
    if kind is None or ref is None:
        missing = "source_type" if kind is None else "source_id"
        reason = "it is missing, and no text of the file has this key"
        raise refusal(f"{pointer}/{missing}", reason)
    if not name:
        conversions.note("strings without source_field, read by their source_type", pointer)
        is_exit = conversions.facts.node_types.get(ref) == "exit"
        name = _FIELDS.get(kind, "label" if is_exit else "text")
    return (kind, ref, name)


def _speaker(found: Fields, source: Field, pointer: str, conversions: Conversions) -> str | None:
    facts = conversions.facts
    shortcut = _text(found, "character_shortcut", pointer)
    if _role(source[2])[0] not in _SPOKEN:
        return None
    by_shortcut = facts.shortcuts.get((t.SHEETS, shortcut)) if shortcut else None
    return by_shortcut or facts.speakers.get(source[1])


def _role(field: str) -> tuple[str, bool]:
    return _RESPONSE if field.startswith("response.") else _ROLES.get(field, _ROLES["text"])


def _shared(found: Fields, source: Field) -> dict[str, Any]:
    role, eligible = _role(source[2])
    return {
        "source_type": _json(source[0]),
        "source_id": _json(source[1]),
        "source_field": _json(source[2]),
        "content_role": found.get("content_role", _json(role)),
        "vo_eligible": found.get("vo_eligible", _json(eligible)),
    }


def _translation(raw: msgspec.Raw, place: str) -> Fields:
    """A translation's members; a plain text is nothing but the text."""
    if bytes(raw)[:1] == b'"' or bytes(raw) == b"null":
        return {"translated_text": raw}
    found = fields(raw, place)
    if "text" in found:
        found.pop("translated_text", None)
    return found


def _complete(row: Row, source_text: str | None, conversions: Conversions) -> None:
    """What the database demands of a translation beside its text."""
    translated = row.text("translated_text") or ""
    if source_text is not None and is_missing(row, "source_text"):
        row.values["source_text"] = _json(source_text)
    if is_missing(row, "source_text_hash") and (source := row.text("source_text")) is not None:
        digest = _json(hashlib.sha256(source.encode()).hexdigest())
        row.values["source_text_hash"] = digest
        if translated.strip() and is_missing(row, "translated_source_hash"):
            row.values["translated_source_hash"] = digest
    if is_missing(row, "word_count"):
        row.values["word_count"] = _json(number_of_words(row.text("source_text")))
    hashes = [row.text(x) for x in ("source_text_hash", "translated_source_hash")]
    is_current = bool(translated.strip()) and hashes[0] is not None and hashes[0] == hashes[1]
    if row.text("status") == "final" and not is_current:
        row.values["status"] = b'"review"'
        conversions.note("final translations without text or source, set to review", row.pointer)
    is_recorded = not (row.text("vo_status") in (None, "none") and is_missing(row, "vo_asset_id"))
    if is_recorded and row.get("vo_eligible") is False:
        row.values |= {"vo_status": b'"none"', "vo_asset_id": b"null"}
        conversions.note("recordings of texts that nobody speaks, left out", row.pointer)
    for column in ("status", "vo_status"):
        if is_missing(row, column):
            row.values.pop(column, None)


def terms(found: Fields, pointer: str, conversions: Conversions) -> Iterator[Row]:
    """The rows of a glossary term, one a target language; translations may be plain texts."""
    facts = conversions.facts
    conversions.note("glossary terms with texts as translations", pointer)
    term = _text(found, "term", pointer) or _text(found, "source_term", pointer)
    if not term:
        raise refusal(f"{pointer}/term", "it is missing")
    told = dict(locales(found, pointer))
    source = _text(found, "source_locale", pointer) or facts.source_locale or next(iter(told), "en")
    _tell_unknown(found, _OF_TERM, t.GLOSSARY_ENTRIES, pointer, conversions)
    shared = {x: found[x] for x in ("context", "do_not_translate") if _is_told(found, x)}
    own = [x for x in told if x.lower() == source.lower()]
    targets = {locale: raw for locale, raw in told.items() if locale not in own}
    if own and not targets:
        targets = {x: msgspec.Raw(b"null") for x in facts.locales if x != source} or told
    for locale in own if targets is not told else ():
        what = "translations of the source language, which the terms themselves are, left out"
        conversions.note(what, f"{pointer}/translations/{_escaped(locale)}")
    for locale, raw in targets.items():
        place = f"{pointer}/translations/{_escaped(locale)}"
        values = _target_term(raw, place)
        row = entity(t.GLOSSARY_ENTRIES, values, place)
        code = _locale(locale, place, conversions)
        if len(code) > _LONGEST_TERM_LOCALE or len(source) > _LONGEST_TERM_LOCALE:
            raise refusal(place, f"locales of terms have at most {_LONGEST_TERM_LOCALE} characters")
        row.values = {
            **shared,
            "source_term": _json(term),
            "source_locale": _json(_locale(source, place, None)),
            "target_locale": _json(code),
            **row.values,
        }
        row.values.setdefault("id", _json(place))
        yield row


def _target_term(raw: msgspec.Raw, place: str) -> Fields:
    if bytes(raw)[:1] == b'"' or bytes(raw) == b"null":
        return {"target_term": raw}
    found = fields(raw, place)
    translated = found.pop("translated_text", None)
    if translated is not None and "text" not in found:
        found["target_term"] = translated
    return found


def is_older_term(found: Fields) -> bool:
    """Whether a term says itself what today each of its translations says, or they are texts."""
    if "do_not_translate" in found or "context" in found or "source_locale" not in found:
        return True
    return _FIRST_IS_TEXT.match(bytes(found.get("translations") or b"")) is not None


def language(row: Row, conversions: Conversions) -> None:
    """A language: its name is its code where it has none, its position that in the list."""
    code = row.text("locale_code")
    if code is None:
        raise refusal(f"{row.pointer}/locale_code", "it is missing")
    clean = _locale(code, row.pointer, conversions)
    row.values["locale_code"] = _json(clean)
    if is_missing(row, "name"):
        row.values["name"] = _json(clean)
        conversions.note("languages without name", row.pointer)
    if is_missing(row, "position"):
        row.values["position"] = _json(int(row.pointer.rpartition("/")[2]))
    if is_missing(row, "is_source"):
        is_source = clean == _locale(conversions.facts.source_locale or "", "", None)
        row.values["is_source"] = _json(is_source)


def source_language(piece: Piece, conversions: Conversions) -> Iterator[Row]:
    """The source language, where the list of languages does not have it."""
    try:
        code = filled(msgspec.json.decode(piece.raw))
    except msgspec.DecodeError as error:
        raise refusal(piece.pointer, str(error)) from error
    if code and code not in conversions.facts.locales:
        clean = _locale(code, piece.pointer, conversions)
        conversions.note("source languages that the list of languages lacks", piece.pointer)
        values: dict[str, Any] = {
            "id": _json(piece.pointer),
            "locale_code": _json(clean),
            "name": _json(clean),
            "is_source": b"true",
            "position": b"0",
        }
        yield Row(t.PROJECT_LANGUAGES, piece.pointer, values)


def _locale(code: str, place: str, conversions: Conversions | None) -> str:
    """A locale in lower case with hyphens, as the database wants it."""
    clean = code.lower().replace("_", "-")
    if clean != code and conversions is not None:
        conversions.note("locales written in lower case with hyphens", place)
    return clean


def _text(found: Mapping[str, Any], key: str, pointer: str) -> str | None:
    return Row(t.LOCALIZED_TEXTS, pointer, dict(found)).text(key)


def _tell_unknown(
    found: Fields, known: frozenset[str], table: Table, pointer: str, conversions: Conversions
) -> None:
    """What a string or term says beside its members has no column."""
    rest = {key: raw for key, raw in found.items() if key not in known}
    tell_lost(conversions, leftovers(Row(table, pointer, rest), conversions))


def _is_told(found: Fields, key: str) -> bool:
    return key in found and bytes(found[key]) != b"null"


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)
