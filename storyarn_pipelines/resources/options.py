"""The export options as run configuration, made from their one definition."""

from dataclasses import fields
from enum import StrEnum
from typing import Any, Literal, Optional, get_args, get_origin, get_type_hints

import dagster as dg
from pydantic import Field, create_model

from storyarn_pipelines.domain.options import ExportOptions, parse_options

RESOURCE_NAME = "ExportOptions"


class ExportOptionsResource(dg.ConfigurableResource[Any]):
    """What all steps of a run share, so that the launchpad asks for it once.

    The configurable fields are those of ``domain.options``, added by ``options_resource``.
    """

    def options(self) -> ExportOptions:
        """The checked options; raises OptionError."""
        return parse_options({f.name: getattr(self, f.name) for f in fields(ExportOptions)})


def options_resource() -> Any:
    """A resource with one configurable field for each export option."""
    hints = get_type_hints(ExportOptions)
    configurable: dict[str, Any] = {}
    for f in fields(ExportOptions):
        kind = _config_type(hints[f.name])
        default = f.default if f.default is None else kind(f.default)
        configurable[f.name] = kind, Field(default=default, description=f.metadata["help"])
    made: Any = create_model(RESOURCE_NAME, __base__=ExportOptionsResource, **configurable)
    return made.configure_at_launch()


def _config_type(hint: Any) -> Any:
    """Run configuration knows plain values, lists and enumerations."""
    if hint is bool:
        return bool
    if get_origin(hint) is Literal:
        return StrEnum("Words", {word: word for word in get_args(hint)})
    tuples = [inner for inner in get_args(hint) if get_origin(inner) is tuple]
    if tuples:
        element: Any = get_args(tuples[0])[0]
        return Optional[list[element]]  # noqa: UP045 - the form that Dagster's config reads
    return str
