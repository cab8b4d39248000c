"""What an import is asked to do."""

from dataclasses import dataclass, field, fields
from typing import Literal, get_args, get_type_hints

from storyarn_pipelines.errors import UsageError

Conflicts = Literal["skip", "overwrite", "merge"]
Ids = Literal["auto", "keep", "new"]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Where a file goes and what happens to what is there already."""

    into: str | None = field(
        default=None, metadata={"help": "an existing project: id, workspace/project or slug"}
    )
    new: str | None = field(
        default=None, metadata={"help": "the workspace (slug) in which a new project is made"}
    )
    name: str | None = field(
        default=None, metadata={"help": "name of the new project, instead of the file's"}
    )
    owner: str | None = field(
        default=None, metadata={"help": "e-mail address of the new project's owner"}
    )
    conflicts: Conflicts = field(
        default="skip", metadata={"help": "what wins where both sides have an entity"}
    )
    ids: Ids = field(
        default="auto",
        metadata={"help": "keep the file's ids if none is taken, insist on it, or never"},
    )
    dry_run: bool = field(default=False, metadata={"help": "say what would happen, change nothing"})

    def __post_init__(self) -> None:
        """Check the values; raises UsageError."""
        if (self.into is None) == (self.new is None):
            raise UsageError("import: say either --into PROJECT or --new WORKSPACE")
        if self.into is not None and (self.name is not None or self.owner is not None):
            raise UsageError("import: --name and --owner are for a new project (--new)")
        for name, hint in get_type_hints(ImportOptions).items():
            allowed = get_args(hint)
            value = getattr(self, name)
            if name in ("conflicts", "ids") and value not in allowed:
                raise UsageError(f"import: {name} {value!r} is not one of {', '.join(allowed)}")
        if self.name is not None and not 1 <= len(self.name.strip()) <= 100:
            raise UsageError("import: --name must have 1 to 100 characters")


def import_option_help() -> dict[str, str]:
    """A line of help for each option."""
    return {x.name: x.metadata["help"] for x in fields(ImportOptions)}
