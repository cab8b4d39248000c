"""Slugs from names."""

import re
import unicodedata

_MAX = 100
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def slugify(name: str) -> str:
    """A project's slug: letters and digits of a-z, joined by hyphens."""
    plain = unicodedata.normalize("NFD", name)
    letters = "".join(x for x in plain if not unicodedata.combining(x)).lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    return slug[:_MAX].strip("-") or "project"


def is_slug(text: str | None) -> bool:
    """Whether a text is a slug already."""
    return text is not None and len(text) <= _MAX and bool(_SLUG.fullmatch(text))
