"""The rules, in the order in which people read about them."""

from collections.abc import Mapping
from dataclasses import dataclass

from storyarn_pipelines.domain.diagnostics import Severity
from storyarn_pipelines.validation.codes import CODES, Code


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; its codes name what exactly is wrong."""

    name: str
    description: str


def _registry(*rules: tuple[str, str]) -> dict[str, Rule]:
    return {name: Rule(name, description) for name, description in rules}


RULES: Mapping[str, Rule] = _registry(
    # Those of the specification, 8.2.1.
    ("orphan_nodes", "Every node is wired to another one."),
    ("broken_references", "Sheets, flows and scenes that the story names are there."),
    ("missing_entry", "Every flow has an entry node."),
    ("unreachable_nodes", "Every node can be reached from the entry."),
    ("missing_translations", "Every text is translated into the selected languages."),
    ("circular_jumps", "Flows do not call or continue each other in circles."),
    ("empty_dialogue", "Every dialogue and every response has a text."),
    ("invalid_conditions", "Conditions have a form that can be evaluated."),
    ("invalid_instructions", "Assignments have a form that can be run."),
    ("missing_speakers", "Every dialogue has a speaker."),
    ("orphan_pages", "Every sheet is used somewhere."),
    # The graph of a flow.
    ("multiple_entries", "No flow has several entries."),
    ("duplicate_hubs", "Hub ids are unique within a flow."),
    ("missing_hubs", "Every jump leads to a hub of its flow."),
    ("unfinished_nodes", "Jumps, subflows, exits and conditions are filled in."),
    ("broken_connections", "Both ends of a connection are in its flow and not in the trash."),
    ("self_connections", "No node is wired to itself."),
    ("invalid_pins", "Connections start at pins that exist and end at nodes with an input."),
    ("crowded_pins", "At most one connection leaves a pin."),
    # The contents of nodes.
    ("foreign_avatars", "The avatar of a dialogue is one of its speaker's."),
    ("duplicate_responses", "Every response has an id of its own."),
    ("duplicate_localization_ids", "Every dialogue has a localization id of its own."),
    ("unfinished_rules", "The rules of conditions are filled in."),
    ("ignored_conditions", "Conditions are kept in the form that the player obeys."),
    ("ineffective_assignments", "Every assignment does something."),
    # Variables and names.
    ("unknown_variables", "Variables that the story names are there."),
    ("type_mismatches", "Operators and values suit the type of their variable."),
    ("variable_clashes", "No two variables have the same full name."),
    ("unused_variables", "Every variable is both read and written."),
    ("invalid_shortcuts", "Shortcuts have the form that Storyarn asks for."),
    ("duplicate_shortcuts", "Shortcuts stay different when engines make identifiers of them."),
    # Translations, media and data.
    ("stale_translations", "Translations were made for the present text."),
    ("placeholder_mismatches", "Translations keep the placeholders of their source."),
    ("missing_media", "Media that the story names are there, with their bytes."),
    ("broken_data", "JSON columns hold the shape that belongs in them."),
    ("unknown_types", "Types of nodes, blocks and actions are known to this version."),
)
"""All rules by name."""


def codes_of(rule: str) -> tuple[Code, ...]:
    """The codes of one rule."""
    return tuple(code for code in CODES.values() if code.rule == rule)


def severity_of(rule: str) -> Severity:
    """The gravest severity that a rule's findings may have."""
    found = {code.severity for code in codes_of(rule)}
    return next(severity for severity in ("error", "warning", "info") if severity in found)
