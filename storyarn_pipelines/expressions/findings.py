"""What readers and parsers tell about an expression: one list of diagnostics, if anybody asks."""

from storyarn_pipelines.domain.diagnostics import Diagnostic, Severity

CODES: dict[str, tuple[Severity, str]] = {
    # Expressions that come from outside, one a line.
    "EX0001": ("error", "a text that cannot be read"),
    "EX0002": ("error", "a line that holds no expression"),
    # Stored data that the player takes otherwise than it looks.
    "EX0101": ("warning", "a condition that is malformed, and so always true"),
    "EX0102": ("warning", "rules in the older flat form, which the player ignores"),
    "EX0103": ("warning", "a response's condition that is no text, and so ignored"),
    "EX0104": ("warning", "a malformed block, or a group inside a group of a response"),
    "EX0105": ("error", "groups nested so deep that the tree does not hold them"),
    "EX0106": ("warning", "an incomplete rule, which is left out"),
    "EX0107": ("warning", "an operator of a rule that does not exist"),
    "EX0108": ("warning", "a value that is neither text, number nor true or false"),
    "EX0109": ("warning", "a case of a switch that never matches"),
    "EX0110": ("warning", "a case of a switch that always matches"),
    "EX0111": ("warning", "assignments that are no list"),
    "EX0112": ("warning", "an empty block that makes the others count for nothing"),
    "EX0113": ("warning", "an assignment that is skipped"),
    # Texts that can be read in two ways, or name what is not there.
    "EX0201": ("warning", "a name that several sheets could have; the longest sheet is taken"),
    "EX0202": ("warning", "a name that is no variable of the story"),
    "EX0203": ("warning", "an assignment of an empty text, which Storyarn skips"),
    # Expressions that were put into another form.
    "EX0301": ("info", "symbols of order that are asked of dates by day"),
    "EX0302": ("info", "true or false assigned as a text, as Storyarn does beside += -= ?="),
    "EX0303": ("warning", "an opposite that is not exact for every value"),
    "EX0304": ("info", "a condition spread out, since it was nested too deep"),
    # Expressions in the language of an engine.
    "EX0401": ("warning", "a test of a variable that does not exist: nil, as for the player"),
    "EX0402": ("warning", "an assignment of or from a variable that does not exist: skipped"),
    "EX0403": ("warning", "a test that the language cannot say, and that counts as failed"),
    "EX0404": ("warning", "an assignment that the language cannot say, and that is left out"),
    "EX0405": ("warning", "a limit that the language cannot keep"),
    "EX0406": ("warning", "a value of another type than its variable's, kept or asked inexactly"),
    "EX0407": ("warning", "nil, which the language cannot keep in this variable"),
    "EX0408": ("warning", "a date that is none, or has a sign"),
    "EX0409": ("warning", "a name with a suffix, since another would have become the same"),
    "EX0410": ("info", "an assignment to a formula, which has no effect"),
    "EX0411": ("warning", "a condition nested too deep for the language, which counts as false"),
    "EX0412": ("warning", "a number that the engine keeps as another one, near to it"),
    "EX0413": ("info", "a function that the language lacks, and the game must register"),
    "EX0414": ("warning", "a text with a name in braces, which the engine may replace"),
}
"""Every code with its severity and what it means."""


class Findings:
    """Collects diagnostics about one place; without a list it forgets them."""

    __slots__ = ("found", "where")

    def __init__(self, where: str, found: list[Diagnostic] | None) -> None:
        self.where, self.found = where, found

    def add(self, code: str, message: str) -> None:
        """Tell one finding."""
        if self.found is not None:
            self.found.append(Diagnostic(code, CODES[code][0], message, self.where))
