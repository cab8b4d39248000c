"""Which rows of any table are in the file, as a FROM clause: for counting and for references."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.store.scope import Scope
from storyarn_pipelines.store.text_query import language_filter, text_filters

_TREES = (t.SHEETS, t.FLOWS, t.SCENES)


def rows_in_file(table: Table, scope: Scope, *, exact: bool = True) -> str:
    """``FROM … WHERE …`` of a table's rows, under the alias ``t``.

    Unless ``exact``, connections are not asked whether their ends are in the file too.
    """
    if table is t.PROJECTS:
        return f"FROM projects t WHERE t.id = {scope.project}"
    joins, conditions, root = _chain(table, scope)
    if table.parent == "projects":
        conditions.append(f"t.project_id = {scope.project}")
    if table is t.LOCALIZED_TEXTS:
        conditions.append(f"TRUE{text_filters(scope)}")
    if table is t.GLOSSARY_ENTRIES:
        conditions.append(f"TRUE{language_filter(scope, 't.target_locale')}")
    if table is t.FLOW_CONNECTIONS and exact:
        nodes = (
            f"SELECT n.id FROM flow_nodes n WHERE {scope.alive(t.FLOW_NODES, 'n')} "
            f"AND n.flow_id IN (SELECT m.id FROM ({scope.members(t.FLOWS)}) m)"
        )
        conditions += [f"t.{end}_node_id IN ({nodes})" for end in ("source", "target")]
    if root in _TREES:
        alias = "t" if table is root else "p"
        conditions.append(f"{alias}.id IN (SELECT m.id FROM ({scope.members(root)}) m)")
    return f"FROM {table.name} t {joins} WHERE {' AND '.join(conditions)}"


def _chain(table: Table, scope: Scope) -> tuple[str, list[str], Table]:
    """Joins from ``t`` up to the tree's own table ``p``, and who of them must be alive."""
    joins, conditions, alias, step = "", [scope.alive(table, "t")], "t", table
    while step.parent not in ("projects", ""):
        parent = next(x for x in t.TABLES if x.name == step.parent)
        parent_alias = "p" if parent.parent == "projects" else "m"
        condition = f"{parent_alias}.id = {alias}.{step.parent_key}"
        joins += f" JOIN {parent.name} {parent_alias} ON {condition}"
        conditions.append(scope.alive(parent, parent_alias))
        alias, step = parent_alias, parent
    return joins, conditions, step
