"""Circles of nodes in which no line is said: a play, or an engine, may hang in them."""

from collections.abc import Iterable, Mapping

from storyarn_pipelines.story.statements import SilentLoop
from storyarn_pipelines.story.steps import Step


def silent_loops(steps: Mapping[int, Step]) -> tuple[SilentLoop, ...]:
    """The circles that pass no dialogue, by their lowest ids.

    A called flow counts as saying something, and circles of flows that call each other are not
    looked for. Whether conditions can ever hold is not asked.
    """
    silent = {key: step.targets for key, step in steps.items() if not step.speaks}
    ways = {key: [x for x in targets if x in silent] for key, targets in silent.items()}
    found = []
    for circle in components(ways):
        if len(circle) > 1 or circle[0] in ways[circle[0]]:
            members = set(circle)
            endless = all(members.issuperset(steps[key].ways) for key in circle)
            found.append(SilentLoop(tuple(sorted(circle)), endless))
    return tuple(sorted(found, key=lambda loop: loop.node_ids))


def components(ways: Mapping[int, Iterable[int]]) -> list[list[int]]:
    """Strongly connected components, by Tarjan's algorithm without recursion."""
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_: list[int] = []
    closed: set[int] = set()
    found: list[list[int]] = []
    for start in ways:
        if start in number:
            continue
        path = [(start, iter(ways[start]))]
        number[start] = lowest[start] = len(number)
        open_.append(start)
        while path:
            here, rest = path[-1]
            target = next((x for x in rest if x not in closed), None)
            if target is None:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[here])
                if lowest[here] == number[here]:
                    component = [open_.pop()]
                    while component[-1] != here:
                        component.append(open_.pop())
                    closed.update(component)
                    found.append(component)
            elif target in number:
                lowest[here] = min(lowest[here], number[target])
            else:
                number[target] = lowest[target] = len(number)
                open_.append(target)
                path.append((target, iter(ways[target])))
    return found
