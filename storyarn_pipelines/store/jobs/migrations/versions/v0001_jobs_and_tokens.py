"""Jobs and bearer tokens: tables, indexes, triggers, cleanup, row-level security.

Roles are not made here: they belong to the whole server (``grants.sql``).
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JOBS = """
CREATE TABLE storyarn_pipelines.jobs (
    id               uuid PRIMARY KEY,
    owner_id         bigint,
    owner_email      text,
    project_id       bigint,
    type             text NOT NULL
                     CHECK (type IN ('export', 'import', 'archive', 'media_kit', 'report')),
    format           text,
    data_selector    jsonb NOT NULL DEFAULT '{}',
    options          jsonb NOT NULL DEFAULT '{}',
    metadata         jsonb NOT NULL DEFAULT '{}',
    status           text NOT NULL DEFAULT 'pending' CHECK (status IN
                     ('pending', 'processing', 'completed', 'expired', 'failed', 'cancelled')),
    step             text,
    done             bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    total            bigint NOT NULL DEFAULT 0 CHECK (total >= 0),
    totals           jsonb NOT NULL DEFAULT '{}',
    key              text,
    bytes            bigint CHECK (bytes >= 0),
    sha256           text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    diagnostics      jsonb NOT NULL DEFAULT '{}',
    error            text,
    run_id           text,
    idempotency_key  text CHECK (length(idempotency_key) BETWEEN 1 AND 200),
    request          text NOT NULL,
    attempts         integer NOT NULL DEFAULT 0,
    download_count   bigint NOT NULL DEFAULT 0,
    last_download_at timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz,
    completed_at     timestamptz,
    expires_at       timestamptz,
    removed_at       timestamptz,
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CHECK ((owner_id IS NULL) = (owner_email IS NULL)),
    CHECK ((key IS NULL) = (bytes IS NULL) AND (key IS NULL) = (sha256 IS NULL))
-- Reports of progress touch no indexed column: with room on the page they cost no index entries.
) WITH (fillfactor = 80)
"""

# A person's list, by type, expiry, lookup (the primary key), cleanup, what was selected; then what
# a project's list, a run's end and a repeated request look up.
INDEXES = """
CREATE INDEX jobs_owner_status_created_idx
    ON storyarn_pipelines.jobs (owner_id, status, created_at DESC, id DESC);
CREATE INDEX jobs_owner_type_idx ON storyarn_pipelines.jobs (owner_id, type);
CREATE INDEX jobs_status_expires_idx ON storyarn_pipelines.jobs (status, expires_at);
CREATE INDEX jobs_overdue_idx ON storyarn_pipelines.jobs (expires_at) WHERE status = 'completed';
CREATE INDEX jobs_data_selector_idx
    ON storyarn_pipelines.jobs USING gin (data_selector jsonb_path_ops);
CREATE INDEX jobs_project_created_idx
    ON storyarn_pipelines.jobs (project_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX jobs_run_idx ON storyarn_pipelines.jobs (run_id) WHERE run_id IS NOT NULL;
CREATE UNIQUE INDEX jobs_idempotency_idx
    ON storyarn_pipelines.jobs (coalesce(owner_id, 0), idempotency_key)
    WHERE idempotency_key IS NOT NULL;
"""

TOKENS = """
CREATE TABLE storyarn_pipelines.api_tokens (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash         bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    owner_id     bigint NOT NULL,
    owner_email  text NOT NULL,
    scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0),
    label        text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX api_tokens_owner_idx ON storyarn_pipelines.api_tokens (owner_id, id);
"""

# The service is whoever has the service role or owns the tables, unless its session speaks for a
# user. A role that does not exist (yet) is no error.
WHO = """
CREATE FUNCTION storyarn_pipelines.session_user_id() RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT nullif(current_setting('storyarn.user_id', true), '')::bigint
$body$;

CREATE FUNCTION storyarn_pipelines.is_service() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT coalesce(current_setting('storyarn.user_id', true), '') = '' AND (
        EXISTS (SELECT FROM pg_class c WHERE c.oid = 'storyarn_pipelines.jobs'::regclass
                   AND pg_has_role(current_user, c.relowner, 'USAGE'))
        OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'storyarn_pipelines_service'
                      AND pg_has_role(current_user, r.oid, 'USAGE')))
$body$;
"""

SECURITY = """
ALTER TABLE storyarn_pipelines.jobs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE storyarn_pipelines.api_tokens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY jobs_own_select ON storyarn_pipelines.jobs FOR SELECT
    USING (owner_id = (SELECT storyarn_pipelines.session_user_id()));
CREATE POLICY jobs_own_insert ON storyarn_pipelines.jobs FOR INSERT
    WITH CHECK (owner_id = (SELECT storyarn_pipelines.session_user_id()) AND status = 'pending');
CREATE POLICY jobs_own_update ON storyarn_pipelines.jobs FOR UPDATE
    USING (owner_id = (SELECT storyarn_pipelines.session_user_id()))
    WITH CHECK (owner_id = (SELECT storyarn_pipelines.session_user_id()));
CREATE POLICY jobs_own_delete ON storyarn_pipelines.jobs FOR DELETE
    USING (owner_id = (SELECT storyarn_pipelines.session_user_id())
           AND status NOT IN ('pending', 'processing'));
CREATE POLICY jobs_service ON storyarn_pipelines.jobs FOR ALL
    USING ((SELECT storyarn_pipelines.is_service()))
    WITH CHECK ((SELECT storyarn_pipelines.is_service()));
CREATE POLICY api_tokens_service ON storyarn_pipelines.api_tokens FOR ALL
    USING ((SELECT storyarn_pipelines.is_service()))
    WITH CHECK ((SELECT storyarn_pipelines.is_service()));
"""

# Triggers of one kind run in the order of their names: change, expire, touch.
TRIGGERS = """
CREATE FUNCTION storyarn_pipelines.jobs_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF (NEW.id, NEW.owner_id, NEW.type, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.owner_id, OLD.type, OLD.created_at)
       OR (OLD.project_id IS NOT NULL AND NEW.project_id IS DISTINCT FROM OLD.project_id) THEN
        RAISE EXCEPTION 'job %: its id, owner, project, type and time stay as they are', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = OLD.status THEN
        RETURN NEW;
    END IF;
    IF NEW.status <> 'cancelled' AND NOT storyarn_pipelines.is_service() THEN
        RAISE EXCEPTION 'job %: a user may cancel it, nothing else', OLD.id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT (CASE OLD.status
        WHEN 'pending' THEN NEW.status IN ('processing', 'failed', 'cancelled')
        WHEN 'processing' THEN NEW.status IN ('completed', 'failed', 'cancelled')
        WHEN 'completed' THEN NEW.status IN ('processing', 'expired')
        ELSE NEW.status = 'processing'
    END) THEN
        RAISE EXCEPTION 'job %: % cannot become %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'processing' THEN
        NEW.started_at := now();
        NEW.completed_at := NULL;
        NEW.expires_at := NULL;
    ELSIF NEW.status <> 'expired' THEN
        NEW.completed_at := now();
    END IF;
    RETURN NEW;
END
$body$;

CREATE FUNCTION storyarn_pipelines.jobs_expire() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF NEW.status = 'completed' AND NEW.expires_at <= now() THEN
        NEW.status := 'expired';
    END IF;
    RETURN NEW;
END
$body$;

CREATE FUNCTION storyarn_pipelines.jobs_touch() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$body$;

CREATE FUNCTION storyarn_pipelines.jobs_notify() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    job storyarn_pipelines.jobs;
BEGIN
    IF TG_OP = 'DELETE' THEN
        job := OLD;
    ELSE
        job := NEW;
    END IF;
    IF TG_OP <> 'UPDATE' OR (NEW.status, NEW.done, NEW.total)
        IS DISTINCT FROM (OLD.status, OLD.done, OLD.total) THEN
        PERFORM pg_notify('storyarn_jobs', json_build_object(
            'job', job.id, 'project', job.project_id,
            'status', CASE WHEN TG_OP <> 'DELETE' THEN job.status END,
            'done', job.done, 'total', job.total)::text);
    END IF;
    RETURN NULL;
END
$body$;

CREATE TRIGGER jobs_change BEFORE UPDATE ON storyarn_pipelines.jobs
    FOR EACH ROW EXECUTE FUNCTION storyarn_pipelines.jobs_change();
CREATE TRIGGER jobs_expire BEFORE INSERT OR UPDATE ON storyarn_pipelines.jobs
    FOR EACH ROW EXECUTE FUNCTION storyarn_pipelines.jobs_expire();
CREATE TRIGGER jobs_touch BEFORE UPDATE ON storyarn_pipelines.jobs
    FOR EACH ROW EXECUTE FUNCTION storyarn_pipelines.jobs_touch();
CREATE TRIGGER jobs_notify AFTER INSERT OR UPDATE OR DELETE ON storyarn_pipelines.jobs
    FOR EACH ROW EXECUTE FUNCTION storyarn_pipelines.jobs_notify();
"""

# A record whose artifact still lies in the store is kept: nothing else knows the artifact.
CLEANUP = """
CREATE FUNCTION storyarn_pipelines.cleanup_jobs(
    keep interval DEFAULT '30 days', OUT expired bigint, OUT deleted bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    UPDATE storyarn_pipelines.jobs SET status = 'expired'
     WHERE status = 'completed' AND expires_at <= now();
    GET DIAGNOSTICS expired = ROW_COUNT;
    DELETE FROM storyarn_pipelines.jobs
     WHERE status IN ('expired', 'failed', 'cancelled') AND updated_at < now() - keep
       AND (key IS NULL OR removed_at IS NOT NULL);
    GET DIAGNOSTICS deleted = ROW_COUNT;
END
$body$;
REVOKE ALL ON FUNCTION storyarn_pipelines.cleanup_jobs FROM PUBLIC;
"""


def upgrade() -> None:
    """Make everything, in the schema that is there already."""
    for part in (JOBS, INDEXES, TOKENS, WHO, SECURITY, TRIGGERS, CLEANUP):
        op.get_bind().exec_driver_sql(part.replace("%", "%%"))


def downgrade() -> None:
    """Remove everything, jobs and tokens included."""
    op.get_bind().exec_driver_sql(
        "DROP TABLE storyarn_pipelines.jobs, storyarn_pipelines.api_tokens;"
        "DROP FUNCTION storyarn_pipelines.cleanup_jobs, storyarn_pipelines.jobs_change, "
        "storyarn_pipelines.jobs_expire, storyarn_pipelines.jobs_touch, "
        "storyarn_pipelines.jobs_notify, storyarn_pipelines.is_service, "
        "storyarn_pipelines.session_user_id;"
    )
