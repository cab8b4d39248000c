"""Names in the database that several modules share."""

SCHEMA = "storyarn_pipelines"
VERSION_TABLE = "schema_version"
HEAD = "0001"
"""The newest migration; known without Alembic, which takes 0.2 s to import."""

SERVICE_ROLE = "storyarn_pipelines_service"
USER_ROLE = "storyarn_pipelines_user"
USER_SETTING = "storyarn.user_id"
CHANNEL = "storyarn_jobs"
