"""The sample project: put it into a database, and its media into the storage."""

from pathlib import Path
from tempfile import TemporaryDirectory

from storyarn_pipelines.demo import DemoProject, build
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Progress, silent
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.services.results import ExportResult
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.storage import open_store
from storyarn_pipelines.store.database import has_project, has_storyarn_tables, initialise
from storyarn_pipelines.store.embedded import database_url
from storyarn_pipelines.store.load import insert_rows


def ensure_demo(settings: Settings) -> str:
    """Make sure that the sample project is there; returns its ``workspace/project``.

    An empty database gets Storyarn's tables first; what is there already stays as it is.
    """
    url = database_url(settings)
    if not has_storyarn_tables(url):
        initialise(url)
    demo = build()
    if not has_project(url, demo.workspace_slug, demo.slug):
        insert_rows(url, demo.rows)
    _store_media(settings, demo)
    return f"{demo.workspace_slug}/{demo.slug}"


def run_demo(
    settings: Settings, directory: Path | None, progress: Progress = silent
) -> tuple[str, list[ExportResult]]:
    """Load the sample project and export it to every format; returns its name and the exports."""
    project = ensure_demo(settings)
    options = ExportOptions()
    return project, [
        export_project(settings, project, name, options, out=directory, progress=progress)
        for name in FORMATS
    ]


def _store_media(settings: Settings, demo: DemoProject) -> None:
    store = open_store(settings.media_url)
    present = {found.key for found in store.list("")}
    with TemporaryDirectory() as directory:
        for key, content in demo.media.items():
            if key not in present:
                path = Path(directory) / "media"
                path.write_bytes(content)
                store.put_file(key, path)
