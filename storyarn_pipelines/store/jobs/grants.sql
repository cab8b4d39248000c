-- The two roles and what they may do, again and again without harm.
-- Run by `upgrade` where its role may; otherwise by someone who may create roles:
--   psql "$STORYARN_JOBS_DATABASE_URL" -f grants.sql
-- Then: GRANT storyarn_pipelines_service TO <the login of the service>.
-- The service may become the user role, which is how it acts for one person.

DO $do$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['storyarn_pipelines_service', 'storyarn_pipelines_user'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another database of this server was faster
            END;
        END IF;
    END LOOP;
    IF NOT pg_has_role('storyarn_pipelines_service', 'storyarn_pipelines_user', 'MEMBER') THEN
        BEGIN
            GRANT storyarn_pipelines_user TO storyarn_pipelines_service;
        EXCEPTION WHEN unique_violation OR internal_error THEN
            NULL;  -- as above
        END;
    END IF;
END
$do$;

GRANT USAGE ON SCHEMA storyarn_pipelines
    TO storyarn_pipelines_service, storyarn_pipelines_user;

GRANT SELECT ON storyarn_pipelines.schema_version TO storyarn_pipelines_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON storyarn_pipelines.jobs TO storyarn_pipelines_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON storyarn_pipelines.api_tokens
    TO storyarn_pipelines_service;
GRANT EXECUTE ON FUNCTION storyarn_pipelines.cleanup_jobs TO storyarn_pipelines_service;

-- A user asks for work, cancels it, downloads and forgets it. Where the artifact lies, what it
-- holds and who runs it is none of a user's writing.
GRANT SELECT, DELETE ON storyarn_pipelines.jobs TO storyarn_pipelines_user;
GRANT INSERT (id, owner_id, owner_email, project_id, type, format, data_selector, options,
              metadata, idempotency_key, request) ON storyarn_pipelines.jobs TO storyarn_pipelines_user;
GRANT UPDATE (status, error, download_count, last_download_at) ON storyarn_pipelines.jobs
    TO storyarn_pipelines_user;
