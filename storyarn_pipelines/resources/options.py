"""The export options as run configuration, made from their one definition."""

from dataclasses import fields
from typing import Any, Optional, get_args, get_type_hints

import dagster as dg
from pydantic import Field, create_model

from storyarn_pipelines.domain.options import ExportOptions, parse_options


class _OptionsBase(dg.ConfigurableResource):  # type: ignore[type-arg]
    """What all steps of a run share, so that the launchpad asks for it once."""

    def options(self) -> ExportOptions:
        """The checked options; raises OptionError."""
        raw = {f.name: getattr(self, f.name) for f in fields(ExportOptions)}
        return parse_options(raw)


def _config_type(hint: Any) -> Any:
    """Run configuration knows lists and plain values only."""
    if hint is bool:
        return bool
    inner = [x for x in get_args(hint) if x is not type(None)]
    if inner and hasattr(inner[0], "__origin__"):
        return Optional[list[get_args(inner[0])[0]]]  # noqa: UP045 - Dagster reads typing's form
    return str


_HINTS = get_type_hints(ExportOptions)
_FIELDS: dict[str, Any] = {
    f.name: (
        _config_type(_HINTS[f.name]),
        Field(default=f.default, description=f.metadata["help"]),
    )
    for f in fields(ExportOptions)
}

ExportOptionsResource: type[_OptionsBase] = create_model(
    "ExportOptionsResource", __base__=_OptionsBase, __module__=__name__, **_FIELDS
)
