"""Alembic's entry: runs on the connection that ``upgrade`` hands over, in its transaction."""

from alembic import context

from storyarn_pipelines.store.jobs.names import SCHEMA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=None,
    version_table=VERSION_TABLE,
    version_table_schema=SCHEMA,
)
with context.begin_transaction():
    context.run_migrations()
