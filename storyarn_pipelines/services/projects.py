"""Which projects there are."""

from storyarn_pipelines.domain.project import ProjectRef
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.store.columns import read_schema
from storyarn_pipelines.store.embedded import database_url
from storyarn_pipelines.store.projects import list_projects
from storyarn_pipelines.store.stream import read_transaction


def projects(settings: Settings, *, trash: bool = False) -> list[ProjectRef]:
    """The projects of the database; raises SchemaError when it is not Storyarn's."""
    with read_transaction(database_url(settings)) as transaction:
        read_schema(transaction)
        return list_projects(transaction, trash=trash)
