"""Flows that call or continue each other in circles."""

from collections.abc import Iterator

from storyarn_pipelines.validation.run import Run

Calls = dict[int, set[int]]


def check_circles(run: Run) -> None:
    """Report one circle for every knot of flows that lead back to themselves."""
    calls = {flow: targets & run.index.flows.keys() for flow, targets in run.calls.items()}
    for knot in _knots(calls):
        circle = _shortest_circle(min(knot), calls, knot)
        if circle:
            flows = [run.index.flows[flow] for flow in circle]
            way = " → ".join(flow.label for flow in (*flows, flows[0]))
            run.add("SA0105", flows[0].itself, way=way)


def _knots(calls: Calls) -> Iterator[set[int]]:
    """Groups of flows of which each leads to each other one (Kosaraju's way)."""
    callers: Calls = {}
    for flow, targets in calls.items():
        for target in targets:
            callers.setdefault(target, set()).add(flow)
    order: list[int] = []
    seen: set[int] = set()
    for flow in sorted(calls):
        order.extend(_finished(flow, calls, seen))
    seen = set()
    for flow in reversed(order):
        knot = set(_finished(flow, callers, seen))
        if knot:
            yield knot


def _finished(start: int, ways: Calls, seen: set[int]) -> list[int]:
    """What can be reached from a flow and was not seen before, the deepest first."""
    if start in seen:
        return []
    seen.add(start)
    done, trail = [], [(start, iter(sorted(ways.get(start, ()))))]
    while trail:
        flow, further = trail[-1]
        following = next((target for target in further if target not in seen), None)
        if following is None:
            done.append(flow)
            trail.pop()
        else:
            seen.add(following)
            trail.append((following, iter(sorted(ways.get(following, ())))))
    return done


def _shortest_circle(start: int, calls: Calls, knot: set[int]) -> list[int]:
    """The shortest way from a flow back to itself, by breadth; empty if there is none."""
    came_from: dict[int, int] = {}
    waiting = [start]
    for flow in waiting:
        for target in sorted(calls.get(flow, set()) & knot):
            if target == start:
                way = [flow]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if target not in came_from:
                came_from[target] = flow
                waiting.append(target)
    return []
