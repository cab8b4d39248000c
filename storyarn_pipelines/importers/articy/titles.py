"""What flows are called."""

from storyarn_pipelines.importers.articy import names
from storyarn_pipelines.importers.articy.plan import Plan


def titles(plan: Plan) -> dict[int, tuple[str, str]]:
    """Names and shortcuts of all flows, in their order."""
    book = plan.book
    loose = sum(x.container is None for x in plan.units)
    project = names.shown_name(book.project.name, "Flow")
    found: dict[int, tuple[str, str]] = {}
    for unit in plan.units:
        item = book.store.item(unit.container or unit.members[0])
        assert item is not None
        name = book.name(item)
        wanted = item.external or name
        if unit.container is None:
            name = project if loose == 1 else f"{project}: {name}"[:200]
            wanted = name
        found[unit.flow] = (name, book.flow_shortcuts.give(names.shortcut(wanted)))
    return found
