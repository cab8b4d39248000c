"""Checks a story before it travels: coded findings in a writer's words.

``validate`` reads a snapshot once, one sheet, flow, scene and string at a time. What it can find
is data: one file per code under ``codes``; RULES groups the codes as the specification names them.
"""

from storyarn_pipelines.validation.codes import CODES, Code
from storyarn_pipelines.validation.findings import Entity, Finding
from storyarn_pipelines.validation.result import ValidationResult
from storyarn_pipelines.validation.rules import RULES, Rule, codes_of, severity_of
from storyarn_pipelines.validation.runner import validate

__all__ = [
    "CODES",
    "RULES",
    "Code",
    "Entity",
    "Finding",
    "Rule",
    "ValidationResult",
    "codes_of",
    "severity_of",
    "validate",
]
