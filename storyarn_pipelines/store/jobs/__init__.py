"""Our own tables: jobs, bearer tokens, and Storyarn's memberships beside them.

They lie in the schema ``storyarn_pipelines``; Storyarn's tables are never changed.
"""

from storyarn_pipelines.store.jobs.connections import Connections
from storyarn_pipelines.store.jobs.events import JobEvent, listen_jobs
from storyarn_pipelines.store.jobs.job_store import KEEP, JobStore
from storyarn_pipelines.store.jobs.listing import MAX_PAGE, JobFilter, JobPage
from storyarn_pipelines.store.jobs.memberships import (
    NEEDED,
    Action,
    Memberships,
    ProjectAccess,
    Role,
    User,
)
from storyarn_pipelines.store.jobs.schema import SchemaState, grants_sql, schema_state, upgrade
from storyarn_pipelines.store.jobs.tokens import SCOPES, Scope, Token, TokenStore

__all__ = [
    "KEEP",
    "MAX_PAGE",
    "NEEDED",
    "SCOPES",
    "Action",
    "Connections",
    "JobEvent",
    "JobFilter",
    "JobPage",
    "JobStore",
    "Memberships",
    "ProjectAccess",
    "Role",
    "SchemaState",
    "Scope",
    "Token",
    "TokenStore",
    "User",
    "grants_sql",
    "listen_jobs",
    "schema_state",
    "upgrade",
]
