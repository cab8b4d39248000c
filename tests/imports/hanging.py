"""An import in a process of its own that stops at some moment and waits to be killed."""

import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.services.imports import import_file
from storyarn_pipelines.settings import read_settings
from storyarn_pipelines.store import apply


def hang() -> NoReturn:
    """Say that the moment has come, and wait."""
    print("hanging", flush=True)
    while True:
        time.sleep(60)


def main(moment: str, path: str, into: str | None = None) -> None:
    """Import a file and hang: while staging, inside the transaction, or right before its end.

    ``into`` is a project that is there, None for a new one.
    """
    hooks: dict[str, Any] = {}
    if moment == "staging":
        hooks["progress"] = lambda step, done, total: step == "read" and done == total and hang()
    if moment == "transaction":
        apply.insert_references = lambda *_, **__: hang()  # type: ignore[attr-defined]
    if moment == "commit":
        hooks["before_commit"] = lambda *_: hang()
    if into is None:
        options = ImportOptions(new="studio")
    else:
        options = ImportOptions(into=into, conflicts="overwrite")
    import_file(read_settings(), Path(path), options, **hooks)


if __name__ == "__main__":
    main(*sys.argv[1:])
