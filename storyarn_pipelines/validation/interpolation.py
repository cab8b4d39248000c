"""Variables that are put into texts, and the placeholders that translators must keep."""

import re
from collections import Counter
from collections.abc import Iterator

from storyarn_pipelines.validation.findings import Here
from storyarn_pipelines.validation.run import Run

_IN_DIALOGUE = re.compile(r"\{([A-Za-z0-9_.]+)\}")
_IN_RESPONSE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+)")
_SPAN = re.compile(r"<span\b[^<>]*\bdata-ref\s*=\s*[\"']([^\"']*)[\"'][^<>]*>")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def check_dialogue_text(run: Run, here: Here, text: str) -> None:
    """Check ``{sheet.variable}`` and inline variables of a dialogue."""
    _check(run, here, _names_in_dialogue(text))


def check_response_text(run: Run, here: Here, text: str) -> None:
    """Check ``$sheet.variable`` of a response."""
    if "$" in text:
        _check(run, here, iter(_IN_RESPONSE.findall(text)))


def check_named_variable(run: Run, here: Here, name: object, what: str) -> None:
    """Check a variable that is named as a whole, outside conditions and texts."""
    if not isinstance(name, str) or not name:
        return
    variable = run.index.variables.by_name(name)
    if variable is not None:
        run.index.variables.mark_read(variable)
    elif run.index.variables.is_surely_unknown(name):
        run.add("SA0705", here, what=what, name=name)


def placeholders(text: str) -> Counter[str]:
    """How often each placeholder stands in a text."""
    return Counter(_PLACEHOLDER.findall(text))


def _names_in_dialogue(text: str) -> Iterator[str]:
    if "data-ref" in text:
        yield from _SPAN.findall(text)
    if "{" in text:
        yield from _IN_DIALOGUE.findall(text)


def _check(run: Run, here: Here, names: Iterator[str]) -> None:
    for name in names:
        variable = run.index.variables.by_name(name)
        if variable is not None:
            run.index.variables.mark_read(variable)
        elif run.index.variables.is_surely_unknown(name):
            run.add("SA0704", here, name=name)
