"""Media files and the rows that describe them."""

from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from storyarn_pipelines.demo.compiling.ledger import PROJECT_ID, WRITER_ID, Ledger
from storyarn_pipelines.demo.media.catalogue import VARIANTS, Medium, catalogue


def write_media(ledger: Ledger) -> dict[str, bytes]:
    """Write a row per file, and return the files by the keys under which they are stored."""
    media = catalogue()
    for medium in media:
        ledger.reserve("assets", medium.filename)
    files = {}
    for medium in media:
        key = _key(medium.filename)
        ledger.add(
            "assets",
            medium.filename,
            filename=medium.filename,
            content_type=medium.content_type,
            size=len(medium.content),
            key=key,
            url=None,
            metadata=_metadata(medium, ledger),
            project_id=PROJECT_ID,
            uploaded_by_id=WRITER_ID,
            blob_hash=sha256(medium.content).hexdigest(),
            deleted_at=None,
            deleted_by_id=None,
            deletion_reason=None,
            deletion_generation=0,
        )
        files[key] = medium.content
    return files


def _key(filename: str) -> str:
    folder = uuid5(NAMESPACE_URL, f"halfwater/{filename}")
    return f"projects/{PROJECT_ID}/assets/{folder}/{filename}"


def _metadata(medium: Medium, ledger: Ledger) -> dict[str, Any]:
    """Add to the measures of a file how it is related to its smaller versions."""
    links: dict[str, Any] = {}
    for original, profile, variant in VARIANTS:
        if medium.filename == original:
            links["variant_asset_ids"] = {profile: ledger.id("assets", variant)}
        if medium.filename == variant:
            links["is_variant"] = True
            links["variant_profile"] = profile
            links["original_asset_id"] = ledger.id("assets", original)
    return {**medium.measures, **links}
