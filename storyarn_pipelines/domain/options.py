"""The export options: one definition for the command line, the API and Dagster.

Source: the specification, 8.1.2, plus ``scene_ids``, ``localization_policy``, ``include_trash``
and ``godot_output`` (its dual output for Godot). A field's type, default, help and allowed values
stand here and nowhere else.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

import orjson

from storyarn_pipelines.errors import OptionError, UsageError

FORMAT_VERSION = "1.0.0"
ALL = "all"
AssetMode = Literal["references", "embedded", "bundled"]
LocalizationPolicy = Literal["release", "preview"]
GodotOutput = Literal["both", "dialogic", "json"]

_LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
MAX_ID = 2**63 - 1
"""The largest id that a bigint column can hold."""

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise OptionError(name, value, "true or false")


def _one_of(*allowed: str) -> Callable[[str, object], str]:
    def parse(name: str, value: object) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        raise OptionError(name, value, ", ".join(allowed))

    return parse


def _items(value: object) -> list[object] | None:
    """A list, a comma-separated text or ``all`` as a list; None stands for all."""
    if value is None or value in (ALL, [ALL]):
        return None
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    return list(value) if isinstance(value, list | tuple) else [value]


def _ids(name: str, value: object) -> tuple[int, ...] | None:
    """Ids are checked to be plain integers: they go into SQL as literals."""
    items = _items(value)
    if items is None:
        return None
    found = []
    for item in items:
        text = str(item)
        if isinstance(item, bool) or not re.fullmatch(r"[0-9]{1,19}", text) or int(text) > MAX_ID:
            raise OptionError(name, item, "'all' or ids such as 12,14")
        found.append(int(text))
    return tuple(sorted(set(found)))


def _languages(name: str, value: object) -> tuple[str, ...] | None:
    items = _items(value)
    if items is None:
        return None
    for item in items:
        if not isinstance(item, str) or not _LOCALE.fullmatch(item):
            raise OptionError(name, item, "'all' or locale codes such as es,pt-br")
    return tuple(sorted({str(item) for item in items}))


def _facts(parse: Callable[[str, object], Any], text: str) -> Mapping[str, Any]:
    return {"parse": parse, "help": text}


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What an export holds and how it is written. None in a list field stands for all."""

    version: str = field(
        default=FORMAT_VERSION,
        metadata=_facts(_one_of(FORMAT_VERSION), "version of the exported format"),
    )
    include_sheets: bool = field(default=True, metadata=_facts(_flag, "write the sheets"))
    include_flows: bool = field(default=True, metadata=_facts(_flag, "write the flows"))
    include_scenes: bool = field(default=True, metadata=_facts(_flag, "write the scenes"))
    include_localization: bool = field(
        default=True, metadata=_facts(_flag, "write languages, texts and glossary")
    )
    include_assets: AssetMode = field(
        default="references",
        metadata=_facts(
            _one_of(*get_args(AssetMode)),
            "media: references (keys only), embedded (Base64) or bundled (a ZIP with the files)",
        ),
    )
    languages: tuple[str, ...] | None = field(
        default=None,
        metadata=_facts(
            _languages, "locales whose translations are written, such as es,pt-br; all if not given"
        ),
    )
    flow_ids: tuple[int, ...] | None = field(
        default=None, metadata=_facts(_ids, "only these flows, ids such as 12,14; all if not given")
    )
    sheet_ids: tuple[int, ...] | None = field(
        default=None,
        metadata=_facts(_ids, "only these sheets, ids such as 12,14; all if not given"),
    )
    scene_ids: tuple[int, ...] | None = field(
        default=None,
        metadata=_facts(_ids, "only these scenes, ids such as 12,14; all if not given"),
    )
    localization_policy: LocalizationPolicy = field(
        default="release",
        metadata=_facts(
            _one_of(*get_args(LocalizationPolicy)),
            "translations in engine exports: release (final and up to date) or preview (any)",
        ),
    )
    include_trash: bool = field(
        default=False, metadata=_facts(_flag, "take rows in the trash and the archive along")
    )
    godot_output: GodotOutput = field(
        default="both",
        metadata=_facts(
            _one_of(*get_args(GodotOutput)),
            "the godot format: dialogic (its timelines), json (the generic JSON) or both",
        ),
    )
    validate_before_export: bool = field(
        default=True, metadata=_facts(_flag, "check the story first, stop on errors")
    )
    pretty_print: bool = field(
        default=True, metadata=_facts(_flag, "indent the file for people and diffs")
    )

    @property
    def selects(self) -> bool:
        """Whether anything but the whole project is asked for (languages do not count)."""
        sections = (
            self.include_sheets,
            self.include_flows,
            self.include_scenes,
            self.include_localization,
        )
        ids = (self.flow_ids, self.sheet_ids, self.scene_ids)
        return not all(sections) or any(chosen is not None for chosen in ids)

    def as_dict(self) -> dict[str, Any]:
        """The options as plain JSON values, ``all`` for None."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    def changes(self) -> dict[str, Any]:
        """Only the options that differ from their defaults."""
        defaults = ExportOptions().as_dict()
        return {name: x for name, x in self.as_dict().items() if x != defaults[name]}

    def digest(self) -> str:
        """A hash that tells two sets of options apart; 64 hexadecimal digits."""
        return hashlib.sha256(orjson.dumps(self.as_dict(), option=orjson.OPT_SORT_KEYS)).hexdigest()

    def only(self, **changes: Any) -> "ExportOptions":
        """A copy with some fields changed."""
        return replace(self, **changes)


def _plain(value: object) -> object:
    if value is None:
        return ALL
    return list(value) if isinstance(value, tuple) else value


def option_names() -> tuple[str, ...]:
    """The names of all fields, in their order."""
    return tuple(f.name for f in fields(ExportOptions))


def option_help() -> dict[str, str]:
    """The help text of every field, by its name."""
    return {f.name: f.metadata["help"] for f in fields(ExportOptions)}


def parse_options(raw: Mapping[str, object]) -> ExportOptions:
    """Make options out of texts (command line) or JSON values (API, Dagster).

    Raises OptionError, which names the field, the value and what is allowed.
    """
    parsers = {f.name: f.metadata["parse"] for f in fields(ExportOptions)}
    unknown = next((name for name in raw if name not in parsers), None)
    if unknown is not None:
        raise UsageError(f"option {unknown} does not exist; the options are {', '.join(parsers)}")
    return ExportOptions(**{name: parsers[name](name, value) for name, value in raw.items()})
