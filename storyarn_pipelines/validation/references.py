"""References by id, which no foreign key watches or whose target may lie in the trash."""

import re

from storyarn_pipelines.validation.findings import Entity, Here
from storyarn_pipelines.validation.run import Run
from storyarn_pipelines.validation.values import as_id, texts_with

_SECTIONS = {"sheet": "sheets", "flow": "flows", "scene": "scenes"}
_CODES = {"sheet": "SA0301", "flow": "SA0302", "scene": "SA0303"}
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def check_reference(run: Run, here: Here, kind: str, value: object, what: str) -> int | None:
    """Check that ``value`` is the id of a live sheet, flow or scene; returns the id.

    Of a section from which the export leaves something out, nothing is said.
    """
    if value is None or value == "":
        return None
    key = as_id(value)
    if key is None:
        run.add("SA0304", here, what=what, value=value)
        return None
    if key in run.index.entities[kind]:
        if kind == "sheet":
            run.used_sheets.add(key)
    elif _SECTIONS[kind] in run.index.whole:
        run.add(_CODES[kind], here, Entity(kind, key), what=what)
    return key


def check_typed_reference(
    run: Run, here: Here, kind: object, value: object, allowed: tuple[str, ...], what: str
) -> None:
    """Check a reference that says itself what kind of thing it points at."""
    if value is None or value == "":
        return
    if isinstance(kind, str) and kind in allowed:
        check_reference(run, here, kind, value, what)
    else:
        run.add("SA0304", here, what=what, value=f"{kind} {value}")


def check_media(run: Run, here: Here, value: object, what: str) -> None:
    """Check that ``value`` is the id of a live medium."""
    if value is None or value == "" or "media" not in run.index.whole:
        return
    key = as_id(value)
    if key is None:
        run.add("SA0304", here, what=what, value=value)
    elif key not in run.index.media:
        run.add("SA1001", here, Entity("asset", key, word="medium"), what=what)


def check_avatar(run: Run, here: Here, value: object, speaker: int | None) -> None:
    """Check that an avatar is there and shows the speaker."""
    if value is None or value == "":
        return
    key = as_id(value)
    if key is None:
        run.add("SA0304", here, what="avatar", value=value)
        return
    owner = run.index.avatars.get(key)
    if owner is not None:
        if owner != speaker:
            run.add("SA0308", here, run.index.sheets[owner])
    elif "sheets" in run.index.whole:
        run.add("SA0307", here, Entity("sheet_avatar", key, word="avatar"))


def check_mentions(run: Run, here: Here, value: object) -> None:
    """Check the mentions in every text anywhere inside ``value``."""
    for text in texts_with("mention", value):
        for tag in _TAG.findall(text):
            if "mention" in tag:
                _check_mention(run, here, tag)


def _check_mention(run: Run, here: Here, tag: str) -> None:
    attributes = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag)}
    if "mention" not in attributes.get("class", "").split():
        return
    kind, key = attributes.get("data-type"), as_id(attributes.get("data-id"))
    if kind not in ("sheet", "flow") or key is None:
        run.add("SA0304", here, what="mention", value=tag)
    elif key in run.index.entities[kind]:
        if kind == "sheet":
            run.used_sheets.add(key)
    elif _SECTIONS[kind] in run.index.whole:
        run.add("SA0306", here, Entity(kind, key))
