"""The order of sheets, flows and scenes: trees, depth first, whatever their parents look like."""


def tree_ctes(name: str, rows: str) -> str:
    """Common table expressions that end in ``{name}(id, ordinal, path)``.

    ``rows`` selects ``id, parent_id, position, name``. A row whose parent is not among them is a
    root, and so is the smallest id of a ring of parents. Siblings go by position, name in byte
    order and id, NULL last. ``path`` joins the names with ``/``, a ``/`` in a name written
    ``\\/``.
    """
    return f"""
{name}_rows AS MATERIALIZED ({rows}),
{name}_linked AS MATERIALIZED (
    SELECT r.id, r.position, r.name, parent.id AS parent_id
    FROM {name}_rows r LEFT JOIN {name}_rows parent ON parent.id = r.parent_id),
{name}_reached AS (
    SELECT id FROM {name}_linked WHERE parent_id IS NULL
    UNION ALL
    SELECT l.id FROM {name}_reached r JOIN {name}_linked l ON l.parent_id = r.id),
{name}_climb AS (
    SELECT l.id AS start, l.parent_id AS at FROM {name}_linked l
    WHERE NOT EXISTS (SELECT 1 FROM {name}_reached r WHERE r.id = l.id)
    UNION
    SELECT c.start, l.parent_id FROM {name}_climb c JOIN {name}_linked l ON l.id = c.at),
{name}_ring_heads AS (
    SELECT start AS id FROM {name}_climb
    GROUP BY start HAVING bool_or(at = start) AND min(at) = start),
{name}_ranked AS MATERIALIZED (
    SELECT l.id, l.label, l.parent_id,
           row_number() OVER (PARTITION BY l.parent_id
                              ORDER BY l.position, l.name COLLATE "C", l.id)::int AS rank
    FROM (SELECT t.id, t.position, t.name, replace(t.name, '/', '\\/') AS label,
                 CASE WHEN head.id IS NULL THEN t.parent_id END AS parent_id
          FROM {name}_linked t LEFT JOIN {name}_ring_heads head ON head.id = t.id) l),
{name}_tree AS (
    SELECT id, ARRAY[rank] AS ranks, label AS path FROM {name}_ranked WHERE parent_id IS NULL
    UNION ALL
    SELECT r.id, t.ranks || r.rank, t.path || '/' || r.label
    FROM {name}_tree t JOIN {name}_ranked r ON r.parent_id = t.id),
{name} AS MATERIALIZED (
    SELECT id, path, row_number() OVER (ORDER BY ranks)::int AS ordinal FROM {name}_tree)"""
