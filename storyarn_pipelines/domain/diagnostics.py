"""Coded findings, the only way in which a step says what a target could not take."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: ``code`` names its kind for programs, ``where`` the entity for people."""

    code: str
    severity: Severity
    message: str
    where: str
