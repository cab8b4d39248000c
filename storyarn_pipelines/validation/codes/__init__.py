"""The codes of all findings, each described by one TOML file beside this module.

A file holds the code, its rule and severity, the message and the remedy as templates, an
explanation, and an example: a small change of the project in ``base.json`` that makes exactly
this code appear. Documentation and tests are generated from the files.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import orjson

from storyarn_pipelines.domain.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """What one code means. ``message`` and ``remedy`` take the words of a finding."""

    code: str
    rule: str
    severity: Severity
    title: str
    message: str
    remedy: str
    explanation: str
    example: Mapping[str, Any]

    @property
    def template(self) -> str:
        """The whole text of a finding: what is wrong and what to do about it."""
        return f"{self.message} {self.remedy}"


def _load() -> dict[str, Code]:
    found = []
    for file in files(__name__).iterdir():
        if file.name.endswith(".toml"):
            fields = tomllib.loads(file.read_text(encoding="utf-8"))
            texts = {name: value.strip() for name, value in fields.items()}
            found.append(Code(**{**texts, "example": orjson.loads(texts["example"])}))
    return {code.code: code for code in sorted(found, key=lambda code: code.code)}


CODES: Mapping[str, Code] = _load()
"""All codes, in their order."""


def base_project() -> dict[str, Any]:
    """The small valid project that every example changes, as rows by table."""
    text = (files(__name__) / "base.json").read_bytes()
    rows: dict[str, Any] = orjson.loads(text)
    return rows
