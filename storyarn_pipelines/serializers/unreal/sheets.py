"""Sheets as characters, and the variables of the story."""

import math
import re
from collections.abc import Iterator, Mapping

from storyarn_pipelines.domain.sheets import Block, Sheet
from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError
from storyarn_pipelines.expressions.values import format_value
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.unreal.files import TableFile
from storyarn_pipelines.serializers.unreal.media import MediaPaths
from storyarn_pipelines.serializers.unreal.strings import StringFiles
from storyarn_pipelines.story.recompute import Formula, Recomputation
from storyarn_pipelines.story.text import line_text
from storyarn_pipelines.story.variables import BLOCK_TYPES, initial_value

Shown = Mapping[str, tuple[int, str]]
"""By full name, the block of a text variable and its text as it is shown."""

_SYMBOL = re.compile(r"[a-z_][a-z0-9_]*")
_TEXTS = ("text", "rich_text")


def translated(story: EngineStory, kind: str, number: int, name: str, text: str) -> dict[str, str]:
    """A text by locale, the source's under the empty one."""
    if not story.locales:
        return {"": text}
    found = story.translations.of(kind, number, name).items()
    return {"": text} | {key: x.text for key, x in found if x.text is not None}


def write_characters(
    story: EngineStory,
    names: Mapping[int, str],
    paths: MediaPaths,
    table: TableFile,
    strings: StringFiles,
) -> Shown:
    """A row for each sheet; returns the text variables that were met."""
    shown: dict[str, tuple[int, str]] = {}
    for sheet in story.each_sheet() if names else ():
        name, facts = names[sheet.id], story.sheets[sheet.id]
        key = f"CHR_{name}.name"
        texts = translated(story, "sheet", sheet.id, "name", sheet.name)
        table.add(
            name,
            strings.text(key, texts, f"The name of {sheet.path}", f"sheet {sheet.name}"),
            key,
            sheet.name,
            sheet.shortcut or "",
            line_text(sheet.description or "", {}),
            sheet.color or "",
            names.get(sheet.parent_id or 0, ""),
            paths.image(facts.portrait),
            _properties(sheet, names),
        )
        shown.update(_shown(sheet))
    return shown


def _shown(sheet: Sheet) -> Iterator[tuple[str, tuple[int, str]]]:
    owner = str(sheet.id) if sheet.shortcut is None else sheet.shortcut
    for block in sheet.blocks:
        if block.type in _TEXTS and block.variable_name and not block.is_constant:
            text = initial_value(_content(block), block.type)
            if isinstance(text, str):
                shown = line_text(text, {}) if block.type == "rich_text" else text
                yield f"{owner}.{block.variable_name}", (block.id, shown)


def _properties(sheet: Sheet, names: Mapping[int, str]) -> dict[str, str]:
    """What the blocks of a sheet hold; keys that differ in case only get their block's number."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for block in sheet.blocks:
        for key, value in _values(block, names):
            name = key if key.casefold() not in taken else f"{key}~{block.id}"
            taken.add(name.casefold())
            found[name] = value
    return found


def _values(block: Block, names: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    config = block.config if isinstance(block.config, dict) else {}
    label = config.get("label")
    key = block.variable_name or (label if isinstance(label, str) else "") or f"block~{block.id}"
    if block.type == "table":
        for row in block.rows:
            cells = row.cells if isinstance(row.cells, dict) else {}
            for column in block.columns:
                value = initial_value(cells.get(column.slug), column.type)
                if column.type != "formula":
                    yield f"{key}.{row.slug}.{column.slug}", format_value(value)
    elif block.type == "reference" and isinstance(block.value, dict):
        target = block.value.get("target_id")
        if block.value.get("target_type") == "sheet" and isinstance(target, int):
            yield key, names.get(target, "")
    elif block.type in BLOCK_TYPES:
        value = initial_value(_content(block), block.type)
        text = format_value(value)
        yield key, line_text(text, {}) if block.type == "rich_text" else text


def _content(block: Block) -> object:
    return block.value.get("content") if isinstance(block.value, dict) else None


def write_variables(
    story: EngineStory, shown: Shown, table: TableFile, strings: StringFiles
) -> None:
    """A row for each variable. Formulas have the order in which they are worked out."""
    known = story.variables
    formulas = {formula.name: formula for formula in known.formulas}
    order = _order(known.formulas)
    for name, variable in known.variables.items():
        target = story.emitter.identifiers.of(name)
        kind, value = _default(story, variable)
        formula = formulas.get(name)
        table.add(
            target,
            name,
            variable.sheet,
            variable.name,
            variable.type,
            kind,
            value,
            _display(story, name, target, shown, strings),
            formula.text if formula else "",
            order.get(name, 0),
            _bindings(story, formula) if formula else {},
        )


def _order(formulas: tuple[Formula, ...]) -> dict[str, int]:
    """Working out all formulas fills an empty story in their order."""
    values: dict[str, Value] = {}
    Recomputation(formulas).all(values)
    return {name: place for place, name in enumerate(values, 1)}


def _default(story: EngineStory, variable: Variable) -> tuple[str, str]:
    value = story.emitter.kept(variable, variable.initial)
    match value:
        case None:
            return "None", ""
        case bool():
            return "Boolean", "true" if value else "false"
        case str():
            return "Text", value
    try:
        finite = value if isinstance(value, int) or math.isfinite(value) else None
        if finite is not None:
            return "Number", story.emitter.number(finite).strip("()")
    except CannotSayError:
        pass
    message = "its first value is too large for a number: it begins as None"
    story.told.add("XP0204", message, f"variable {variable.full_name}")
    return "None", ""


def _display(story: EngineStory, name: str, target: str, shown: Shown, strings: StringFiles) -> str:
    if name not in shown or not story.locales:
        return ""
    block, text = shown[name]
    texts = translated(story, "block", block, "value.content", text)
    if len(texts) < 2:
        return ""
    plain = {
        locale: line_text(x, {}) if story.variables.variables[name].type == "rich_text" else x
        for locale, x in texts.items()
    }
    plain[""] = text
    return strings.text(f"VAR_{target}", plain, f"The value of {name}", f"variable {name}")


def _bindings(story: EngineStory, formula: Formula) -> dict[str, str]:
    """Symbols that formulas may use; what is bound to nothing is empty and counts as 0."""
    known = story.variables.variables
    return {
        symbol: story.emitter.identifiers.of(name) if name is not None and name in known else ""
        for symbol, name in formula.bindings.items()
        if _SYMBOL.fullmatch(symbol)
    }
