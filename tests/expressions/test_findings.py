"""Every code that is told is described, and every code that is described is told."""

import re
from pathlib import Path

from storyarn_pipelines import expressions
from storyarn_pipelines.expressions.findings import CODES


def test_codes_are_described_once_and_used() -> None:
    directory = Path(str(expressions.__file__)).parent
    used = {
        code
        for path in directory.rglob("*.py")
        if path.name != "findings.py"
        for code in re.findall(r'(?:add|note)\("(EX\d{4})"', path.read_text("utf-8"))
    }
    assert used == set(CODES)
    assert list(CODES) == sorted(CODES)
