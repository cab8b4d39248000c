"""Expressions of one small story, as languages write them."""

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.emitters.base import Emitted, Emitter
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.parser import parse_condition, parse_instruction

_STORY = [
    Variable("mc.jaime", "health", "number", 100, {"min": 0, "max": "100"}),
    Variable("mc.jaime", "gold", "number", 5),
    Variable("mc.jaime", "name", "text", "Jaime"),
    Variable("mc.jaime", "class", "select", None),
    Variable("mc.jaime", "tags", "multi_select", ["brave", "strong"]),
    Variable("mc.jaime", "alive", "boolean", True),
    Variable("mc.jaime", "born", "date", None),
    Variable("mc.jaime", "stats.con.value", "formula", 5),
    Variable("other", "tags", "multi_select", ["brave"]),
    Variable("5th-floor", "höhe", "number", 0),
]
STORY = {x.full_name: x for x in _STORY}
NAMES = Names(_STORY)

# Texts that try to leave their quotes, or to be read as something else.
ATTACKS = (
    '"', "\\", '\\"', '" or true or "', "a\nb", "a\r\nb", "\0", "}", "{x}", "{|}", "//", "/*", "*/",
    "/" * 5 + "**", "->", "<>", "<-", ">>", "<<endif>>", "]]", "--", "#tag", "[x]", "~", ";", "';",
    "$x", "\u2028", "\u2402a", "a\u2403", "nil", "\ufeff", "TODO: x", "- x", "VAR x = 1", "`${x}`",
    "%s", "\\n", "\ud7ff", "🍺", "é", "  two  blanks ", "\t",
)  # fmt: skip


def condition(emitter_type: type[Emitter], text: str) -> Emitted:
    """A condition of the story."""
    return emitter_type.for_story(STORY).condition(parse_condition(text, NAMES))


def instruction(emitter_type: type[Emitter], text: str) -> Emitted:
    """An instruction of the story."""
    return emitter_type.for_story(STORY).instruction(parse_instruction(text, NAMES))


def attacked(text: str) -> dict[str, Variable]:
    """A story that begins with a text, in all variables that hold one."""
    return {f"a.{kind}": Variable("a", kind, kind, text) for kind in ("text", "select")} | {
        "a.multi_select": Variable("a", "multi_select", "multi_select", [text])
    }
