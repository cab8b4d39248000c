"""Ways that go round without a line: where a play must be held, or an importer would hang."""

from collections.abc import Mapping, Sequence


def held_at(ways: Mapping[int, Sequence[int]]) -> list[int]:
    """Nodes that every circle passes, by id. ``ways`` lead from nodes that say nothing."""
    done: set[int] = set()
    found: set[int] = set()
    for start in ways:
        if start in done:
            continue
        open_ = {start}
        path = [(start, iter(ways[start]))]
        while path:
            here, rest = path[-1]
            for target in rest:
                if target in open_:
                    found.add(target)
                elif target in ways and target not in done:
                    open_.add(target)
                    path.append((target, iter(ways[target])))
                    break
            else:
                path.pop()
                open_.discard(here)
                done.add(here)
    return sorted(found)
