"""Variables, and the questions and changes a story can put to them."""

from dataclasses import dataclass
from typing import Literal

Logic = Literal["all", "any"]


@dataclass(frozen=True)
class Rule:
    """One comparison; the right-hand side is always a literal, and stored as text."""

    sheet: str
    variable: str
    operator: str
    value: str | None = None


@dataclass(frozen=True)
class Test:
    """Rules and further tests that must hold, all of them or at least one."""

    logic: Logic
    parts: "tuple[Rule | Test, ...]"

    __test__ = False  # keeps pytest from taking it for a test class


@dataclass(frozen=True)
class Assignment:
    """One change of a variable, from a literal or (with `value_sheet`) from another variable."""

    sheet: str
    variable: str
    operator: str
    value: str | None = None
    value_sheet: str | None = None


@dataclass(frozen=True)
class Var:
    """A variable, kept in two fields because shortcuts may contain dots themselves."""

    sheet: str
    name: str

    def rule(self, operator: str, value: str | int | None = None) -> Rule:
        """Compare the variable by one of Storyarn's operators."""
        return Rule(self.sheet, self.name, operator, None if value is None else str(value))

    def change(self, operator: str, value: str | int | None = None) -> Assignment:
        """Change the variable by one of Storyarn's operators and a literal."""
        return Assignment(self.sheet, self.name, operator, None if value is None else str(value))

    def copy_of(self, other: "Var", operator: str = "set") -> Assignment:
        """Change the variable by the present value of another one."""
        return Assignment(self.sheet, self.name, operator, other.name, other.sheet)

    @property
    def is_true(self) -> Rule:
        """Hold when the boolean is exactly true."""
        return self.rule("is_true")

    @property
    def is_false(self) -> Rule:
        """Hold when the boolean is exactly false."""
        return self.rule("is_false")

    def equals(self, value: str | int) -> Rule:
        """Hold for exactly this value."""
        return self.rule("equals", value)

    def at_least(self, value: int) -> Rule:
        """Hold from this number upwards."""
        return self.rule("greater_than_or_equal", value)

    def set(self, value: str | int) -> Assignment:
        """Give the variable a new value."""
        return self.change("set", value)

    def add(self, value: int) -> Assignment:
        """Raise a number."""
        return self.change("add", value)

    def subtract(self, value: int) -> Assignment:
        """Lower a number."""
        return self.change("subtract", value)

    @property
    def on(self) -> Assignment:
        """Set a boolean to true."""
        return self.change("set_true")

    @property
    def off(self) -> Assignment:
        """Set a boolean to false."""
        return self.change("set_false")


def all_of(*parts: Rule | Test) -> Test:
    """Ask for all parts."""
    return Test("all", parts)


def any_of(*parts: Rule | Test) -> Test:
    """Ask for one part at least."""
    return Test("any", parts)
