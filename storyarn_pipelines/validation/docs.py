"""Writes docs/diagnostics.md: ``python -m storyarn_pipelines.validation.docs [FILE]``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import orjson

from storyarn_pipelines.validation.codes import CODES, Code
from storyarn_pipelines.validation.findings import KEPT_PER_CODE
from storyarn_pipelines.validation.rules import RULES, codes_of, severity_of

PAGE = Path("docs/diagnostics.md")

_INTRODUCTION = f"""# What validation finds

This page is made by `python -m storyarn_pipelines.validation.docs` from the files under
`storyarn_pipelines/validation/codes`; change those instead of this page.

Validation reads a story before it is exported. Every finding has a code; codes belong to rules.
Only errors stop an export. Of one code, at most {KEPT_PER_CODE:,} findings are listed and the
others counted. When only a part of a project is selected, what points at the other parts is not
called broken, and rules that need the whole project say that they did not judge.

Each code comes with an example: rows that, added to or laid over the small project in
`codes/base.json`, make exactly this code appear. `@12` stands for a database id, `delete` lists
rows that are taken away, `options` are export options.
"""


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION, "## Rules\n", *_rules(), "\n## Codes\n"]
    parts += [section for code in CODES.values() for section in _code(code)]
    return "\n".join(parts)


def _rules() -> Iterator[str]:
    yield "| rule | gravest | holds when | codes |"
    yield "| --- | --- | --- | --- |"
    for rule in RULES.values():
        codes = " ".join(f"[{c.code}](#{c.code.lower()})" for c in codes_of(rule.name))
        yield f"| `{rule.name}` | {severity_of(rule.name)} | {rule.description} | {codes} |"


def _code(code: Code) -> Iterator[str]:
    yield f"### {code.code}\n"
    yield f"**{code.title}** ({code.severity}, rule `{code.rule}`)\n"
    yield f"> {code.template}\n"
    yield f"{code.explanation}\n"
    example = msgspec.json.format(orjson.dumps(dict(code.example)), indent=2).decode()
    yield f"```json\n{example}\n```\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(), encoding="utf-8")
