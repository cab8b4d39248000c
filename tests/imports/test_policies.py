"""What wins where the project has an entity already."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.errors import UnknownProjectError, UsageError
from storyarn_pipelines.services.diff import diff_files
from storyarn_pipelines.settings import Settings

from .conftest import MINI_TRASH, Export, Import, body, whole_database

LATER, EARLIER = "2027-01-01T00:00:00Z", "2001-01-01T00:00:00Z"
Change = Callable[[Any], None]
Write = Callable[..., Path]


def flow(document: Any, shortcut: str = "act1.tavern") -> Any:
    """One flow of the document."""
    return next(x for x in document["flows"] if x["shortcut"] == shortcut and not x["deleted_at"])


def sheet(document: Any, shortcut: str = "mc.mira") -> Any:
    """One page of the document."""
    return next(x for x in document["pages"] if x["shortcut"] == shortcut and not x["deleted_at"])


def rename(document: Any) -> None:
    sheet(document)["name"] = "Mira the Second"


def new_hub(document: Any) -> None:
    node = copy.deepcopy(flow(document)["nodes"][0])
    node |= {"id": "90001", "type": "hub", "data": {"hub_id": "extra"}, "parent_id": None}
    flow(document)["nodes"].append(node)


def drop_connections(document: Any) -> None:
    flow(document)["connections"] = []


def stamp(moment: str) -> Change:
    def change(document: Any) -> None:
        sheet(document)["updated_at"] = moment
        flow(document)["updated_at"] = moment

    return change


def both(*changes: Change) -> Change:
    def change(document: Any) -> None:
        for one in changes:
            one(document)

    return change


def state(url: str) -> dict[str, Any]:
    """What the tables below speak of."""
    with psycopg.connect(url) as connection:

        def one(query: str) -> Any:
            found = connection.execute(query.encode()).fetchone()
            return found[0] if found else None

        return {
            "name": one(
                "SELECT name FROM sheets WHERE shortcut = 'mc.mira' AND deleted_at IS NULL"
            ),
            "hub": one("SELECT count(*) FROM flow_nodes WHERE data ->> 'hub_id' = 'extra'"),
            "wires": one(
                "SELECT count(*) FROM flow_connections c JOIN flows f ON f.id = c.flow_id "
                "WHERE f.shortcut = 'act1.tavern'"
            ),
        }


NAME, WIRES = "Mira Ångström", 13
ALL = both(rename, new_hub, drop_connections)
Case = tuple[str, Change, str, int, int]
CASES: list[Case] = [
    ("skip", ALL, NAME, 0, WIRES),
    ("overwrite", ALL, "Mira the Second", 1, 0),
    ("merge", both(ALL, stamp(LATER)), "Mira the Second", 1, WIRES),
    ("merge", both(ALL, stamp(EARLIER)), NAME, 1, WIRES),
]


@pytest.mark.parametrize("case", CASES, ids=["skip", "overwrite", "merge newer", "merge older"])
def test_a_policy_decides_entity_by_entity(
    bring: Import, studio: str, document: Any, changed: Write, case: Case
) -> None:
    policy, change, name, hub, wires = case
    bring(MINI_TRASH)
    assert state(studio) == {"name": NAME, "hub": 0, "wires": WIRES}
    change(document)
    bring(changed(document), into="7", conflicts=policy)
    assert state(studio) == {"name": name, "hub": hub, "wires": wires}


@pytest.mark.parametrize("policy", ["skip", "overwrite", "merge"])
def test_the_same_file_again_changes_nothing(bring: Import, studio: str, policy: str) -> None:
    bring(MINI_TRASH)
    before = whole_database(studio)
    report = bring(MINI_TRASH, into="studio/mini", conflicts=policy)
    assert {x["unchanged"] for x in report.sections.values()} == {10, 5, 3, 23}
    assert not report.plan
    after = whole_database(studio)
    assert {name for name in after if after[name] != before[name]} <= {"projects"}


@pytest.mark.parametrize("policy", ["skip", "overwrite", "merge"])
def test_a_document_of_an_older_shape_says_nothing_of_columns_that_it_lacks(
    bring: Import, policy: str
) -> None:
    path = MINI_TRASH.with_name("spec-sample.json")
    project = bring(path).project["id"]
    report = bring(path, into=str(project), conflicts=policy)
    assert [x["unchanged"] for x in report.sections.values()] == [8, 4, 1, 7, 3]
    assert not report.plan


def test_overwriting_makes_the_project_what_the_file_says(
    bring: Import, export: Export, document: Any, changed: Write,
    make_settings: Callable[[str], Settings], studio: str,
) -> None:  # fmt: skip
    bring(MINI_TRASH)
    both(rename, new_hub, drop_connections)(document)
    path = changed(document)
    bring(path, into="7", conflicts="overwrite")
    found = diff_files(make_settings(studio), path, export(7)).as_dict()
    assert (found["added"], found["removed"]) == ([], [])
    bring(MINI_TRASH, into="7", conflicts="overwrite")
    again = diff_files(make_settings(studio), MINI_TRASH, export(7)).as_dict()
    assert [x["key"] for x in again["added"]] == ["act1.tavern/nodes/hub extra (trash)"]
    assert (again["removed"], again["changed"]) == ([], [])


def test_what_the_file_lacks_stays_and_is_told(
    bring: Import, export: Export, document: Any, changed: Write
) -> None:
    bring(MINI_TRASH)
    document["flows"] = [x for x in document["flows"] if x["shortcut"] != "act1.tavern"]
    report = bring(changed(document), into="7", conflicts="overwrite")
    assert report.gone["flows"] == 1
    assert '"act1.tavern"' in body(export(7))


def test_new_entities_get_new_ids_where_theirs_are_taken(
    bring: Import, studio: str, document: Any, changed: Write
) -> None:
    bring(MINI_TRASH)
    other = bring(MINI_TRASH).project["id"]
    extra = copy.deepcopy(sheet(document))
    extra |= {"shortcut": "mc.twin", "name": "Twin", "blocks": [], "avatars": []}
    extra["id"] = document["pages"][0]["id"]
    document["pages"] = [extra]
    report = bring(changed(document), into=str(other))
    assert (report.sections["sheets"]["new"], report.ids) == (1, "new")
    with psycopg.connect(studio) as connection:
        found = connection.execute("SELECT count(*) FROM sheets WHERE shortcut = 'mc.twin'")
        assert found.fetchone() == (1,)


def test_a_rehearsal_tells_every_difference(
    bring: Import, studio: str, document: Any, changed: Write
) -> None:
    bring(MINI_TRASH)
    before = whole_database(studio)
    ALL(document)
    report = bring(changed(document), into="7", conflicts="overwrite", dry_run=True)
    assert whole_database(studio) == before
    told = {entry["key"]: entry for entry in report.plan}
    assert told["mc.mira"]["outcome"] == "updated"
    assert {"field": "name", "key": "mc.mira", "before": NAME, "after": "Mira the Second"} in (
        told["mc.mira"]["fields"]
    )


def test_wrong_requests_are_refused(bring: Import) -> None:
    with pytest.raises(UsageError, match="workspace 'nowhere' does not exist; there are: studio"):
        bring(MINI_TRASH, new="nowhere")
    with pytest.raises(UsageError, match="no user has the address"):
        bring(MINI_TRASH, owner="stranger@example.test")
    with pytest.raises(UnknownProjectError, match="does not exist"):
        bring(MINI_TRASH, into="nothing")
    with pytest.raises(UsageError, match="either --into"):
        bring(MINI_TRASH, into="7", new="studio")
