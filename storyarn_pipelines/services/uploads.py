"""Files that people put into the object store to be imported.

``imports/{project_id}/{name}`` goes into that project, ``imports/new/{workspace-slug}/{name}``
becomes a new one. What is to be done with it says the object's own metadata, or a file
``{name}.options.json`` beside it. Afterwards it lies under ``imports-done/`` or
``imports-failed/`` with ``{name}.report.json``.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import orjson

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.errors import ObjectMissingError, UsageError
from storyarn_pipelines.storage import ObjectStore, StoredObject

PREFIX, DONE, FAILED = "imports/", "imports-done/", "imports-failed/"
_OPTIONS, _REPORT = ".options.json", ".report.json"
_PLACE = re.compile(r"imports/(?:(?P<into>[0-9]+)|new/(?P<new>[a-z0-9-]+))/(?P<name>[^/]+)")
_SETTABLE = tuple(x.name for x in fields(ImportOptions) if x.name not in ("into", "new"))
_QUIET = timedelta(seconds=5)
_MAX_OPTIONS_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Waiting:
    """An upload that is complete; ``run_key`` is the same for the same bytes only."""

    key: str
    version: str

    @property
    def run_key(self) -> str:
        """What tells this upload from all others."""
        return f"{self.key}@{self.version}"


def waiting_uploads(
    store: ObjectStore, seen: Mapping[str, str], now: datetime
) -> tuple[list[Waiting], dict[str, str]]:
    """Uploads that are complete, and what to pass as ``seen`` the next time.

    Objects of a bucket are complete when they are there. A file is when it has not changed since
    the last look, and for some seconds.
    """
    ready: list[Waiting] = []
    versions: dict[str, str] = {}
    for stored in uploads(store):
        versions[stored.key] = stored.version
        is_file = store.local_path(stored.key) is not None
        quiet = seen.get(stored.key) == stored.version and now - stored.modified >= _QUIET
        if quiet or not is_file:
            ready.append(Waiting(stored.key, stored.version))
    return ready, versions


def uploads(store: ObjectStore) -> Iterator[StoredObject]:
    """Everything under ``imports/`` that is a file to import."""
    for stored in store.list(PREFIX):
        name = PurePosixPath(stored.key).name
        is_side = name.startswith(".") or name.endswith((_OPTIONS, _REPORT))
        if _PLACE.fullmatch(stored.key) and not is_side:
            yield stored


def misplaced_uploads(store: ObjectStore) -> list[str]:
    """Keys under ``imports/`` that name no project and no workspace."""
    return [stored.key for stored in store.list(PREFIX) if not _PLACE.fullmatch(stored.key)]


def upload_options(store: ObjectStore, key: str, given: Mapping[str, Any]) -> ImportOptions:
    """What to do with an upload: by its place, its metadata or options file, and ``given``.

    Raises UsageError for values that are not allowed, naming where they stand.
    """
    found = _PLACE.fullmatch(key)
    values: dict[str, Any] = {} if found is None else {"into": found["into"], "new": found["new"]}
    for source, noted in ((key, _metadata(store, key)), (key + _OPTIONS, _sidecar(store, key))):
        unknown = noted.keys() - set(_SETTABLE)
        if unknown:
            raise UsageError(
                f"{source}: unknown option {sorted(unknown)[0]!r}; there are {', '.join(_SETTABLE)}"
            )
        values |= noted
    values |= {name: value for name, value in given.items() if value is not None}
    if given.get("into") is not None or given.get("new") is not None:
        values |= {"into": given.get("into"), "new": given.get("new")}
    return ImportOptions(**values)


def rehearsal(options: ImportOptions) -> ImportOptions:
    """The same import without any change."""
    return replace(options, dry_run=True)


def settle(store: ObjectStore, upload: Waiting, report: Mapping[str, Any], *, done: bool) -> str:
    """Move an upload with its options to where finished ones lie, and put its report beside it.

    What was replaced by another version meanwhile stays: that one has its own run. Returns the
    key of the report.
    """
    target = _free_key(store, (DONE if done else FAILED) + upload.key.removeprefix(PREFIX))
    present = {stored.key: stored for stored in store.list(upload.key)}
    stored = present.get(upload.key)
    if stored is not None and stored.version == upload.version:
        store.move(upload.key, target)
        if upload.key + _OPTIONS in present:
            store.move(upload.key + _OPTIONS, target + _OPTIONS)
    return _put_report(store, target + _REPORT, report)


def find_upload(store: ObjectStore, key: str) -> Waiting:
    """An upload as it is now; raises ObjectMissingError."""
    for stored in store.list(key):
        if stored.key == key:
            return Waiting(key, stored.version)
    raise ObjectMissingError(f"{key} is not in the object store; was it imported before?")


def fetch_upload(store: ObjectStore, upload: Waiting, directory: Path) -> Path:
    """Copy an upload into a directory."""
    path = directory / PurePosixPath(upload.key).name
    with store.open_read(upload.key) as source, path.open("wb") as copy:
        while block := source.read(1 << 20):
            copy.write(block)
    if find_upload(store, upload.key) != upload:
        raise UsageError(
            f"{upload.key}: it changed while it was read; its next version has its own run"
        )
    return path


def _metadata(store: ObjectStore, key: str) -> dict[str, Any]:
    noted = {name.replace("-", "_"): value for name, value in store.metadata(key).items()}
    values: dict[str, Any] = {name: noted[name] for name in _SETTABLE if name in noted}
    if "dry_run" in values:
        if values["dry_run"] not in ("true", "false"):
            raise UsageError(f"{key}: dry-run must be true or false")
        values["dry_run"] = values["dry_run"] == "true"
    return values


def _sidecar(store: ObjectStore, key: str) -> dict[str, Any]:
    try:
        with store.open_read(key + _OPTIONS) as file:
            text = file.read(_MAX_OPTIONS_BYTES)
    except ObjectMissingError:
        return {}
    try:
        values: dict[str, Any] = msgspec.json.decode(text, type=dict[str, str | bool | None])
    except msgspec.DecodeError as error:
        raise UsageError(f"{key}{_OPTIONS}: it must be an object of texts ({error})") from error
    return values


def _free_key(store: ObjectStore, key: str) -> str:
    """The key, or with a number where an earlier upload of that name lies."""
    taken = {stored.key for stored in store.list(key.rpartition("/")[0] + "/")}
    path, number, free = PurePosixPath(key), 1, key
    while free in taken or free + _REPORT in taken:
        number += 1
        free = f"{path.parent}/{number}-{path.name}"
    return free


def _put_report(store: ObjectStore, key: str, report: Mapping[str, Any]) -> str:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "report.json"
        path.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")
        store.put_file(key, path)
    return key


def cursor_text(seen: Mapping[str, str]) -> str:
    """What a sensor remembers, as text."""
    return json.dumps(dict(sorted(seen.items())))


def cursor_seen(text: str | None) -> dict[str, str]:
    """What a sensor remembered; nothing where it cannot be read."""
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, str])
    except msgspec.DecodeError:
        return {}
