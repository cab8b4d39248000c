"""Which upload to import, and how: asked for once for all steps of a run."""

from typing import Any, Optional

import dagster as dg
from pydantic import Field

from storyarn_pipelines.domain.import_options import import_option_help

_HELP = import_option_help()


def _option(name: str) -> Any:
    return Field(default=None, description=_HELP[name])


class ImportUploadResource(dg.ConfigurableResource[Any]):
    """The upload of a run.

    Everything but the key is taken from the object's place, metadata and options file unless it
    is given here.
    """

    key: str = Field(description="The file's key in the object store, such as imports/7/story.json")
    into: Optional[str] = _option("into")  # noqa: UP045 - the form that Dagster's config reads
    new: Optional[str] = _option("new")  # noqa: UP045
    name: Optional[str] = _option("name")  # noqa: UP045
    owner: Optional[str] = _option("owner")  # noqa: UP045
    conflicts: Optional[str] = _option("conflicts")  # noqa: UP045
    ids: Optional[str] = _option("ids")  # noqa: UP045
    dry_run: Optional[bool] = _option("dry_run")  # noqa: UP045

    def given(self) -> dict[str, Any]:
        """What was given beside the key."""
        return {name: getattr(self, name) for name in _HELP}
