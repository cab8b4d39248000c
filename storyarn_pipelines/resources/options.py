"""The export options as run configuration, made from their one definition."""

from dataclasses import fields
from typing import Any, Optional, get_args, get_origin, get_type_hints

import dagster as dg
from pydantic import Field, create_model

from storyarn_pipelines.domain.options import ExportOptions, parse_options

RESOURCE_NAME = "ExportOptions"
_DESCRIPTION = (
    "What the export holds and how it is written; the same for all steps of a run. "
    "Lists that are not given (languages, flow_ids, sheet_ids, scene_ids) stand for all."
)


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
    configurable: dict[str, Any] = {
        f.name: (
            _config_type(hints[f.name]),
            Field(default=f.default, description=f.metadata["help"]),
        )
        for f in fields(ExportOptions)
    }
    made: Any = create_model(
        RESOURCE_NAME, __base__=ExportOptionsResource, __doc__=_DESCRIPTION, **configurable
    )
    return made.configure_at_launch()


def _config_type(hint: Any) -> Any:
    """Plain values and lists; words stay text, as Dagster loses enumerations set at launch."""
    if hint is bool:
        return bool
    tuples = [inner for inner in get_args(hint) if get_origin(inner) is tuple]
    if tuples:
        element: Any = get_args(tuples[0])[0]
        return Optional[list[element]]  # noqa: UP045 - the form that Dagster's config reads
    return str
