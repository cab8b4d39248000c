"""Random articy projects that end, for they are played by articy-js."""

from itertools import pairwise
from random import Random

from .documents import ENTITIES, FLOW, Document

_CONDITIONS = ("", "", "", "S.b", "!S.b", "S.n > 1", "S.n <= 2 || S.b", 'S.t == "x"',
               "S.b && S.n != 2", "!(S.n > 1 && S.b)", "S.b == false")  # fmt: skip
_CHANGES = ("", "", "", "S.b = true", "S.b = !S.b;", "S.n += 1", "S.n = S.n - 1; S.b = false",
            'S.t = "x"', "S.n = S.m", "S.m -= 2")  # fmt: skip


class RandomProject:
    """Dialogues with fragments, hubs, conditions, instructions, jumps and dialogues in them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.document = Document()
        self.document.sets = {
            "S": {
                "b": ("Boolean", self.random.choice(["True", "False"])),
                "n": ("Integer", str(self.random.randrange(4))),
                "m": ("Integer", "2"),
                "t": ("String", self.random.choice(["x", "y"])),
            }
        }
        self.people = [
            self.document.add("Entity", ENTITIES, name=name, technical=f"Chr_{name}")
            for name in ("Ann", "Bob")
        ]
        self._lines: list[int] = []
        tops = [self._container(FLOW, 0) for _ in range(self.random.randint(1, 3))]
        for one, other in pairwise(tops):
            self.document.lead(one, other)
        self.start = tops[0]
        self.tops = tops

    def _container(self, parent: int, depth: int) -> int:
        random, document = self.random, self.document
        number = document.add(random.choice(["Dialogue", "FlowFragment"]), parent)
        first = self._line(number)
        document.lead(number, first)
        nodes, lines = [first], [first]
        for _ in range(random.randint(2, 7)):
            kind = random.choice(
                ["line", "line", "line", "Hub", "Condition", "Instruction", "Jump", "inner"]
            )
            if kind == "line":
                made = self._line(number)
                lines.append(made)
            elif kind == "inner" and depth < 2:
                made = self._container(number, depth + 1)
            elif kind == "Jump":
                goal = random.choice(self._lines if random.random() < 0.5 else lines)
                made = document.jump(number, goal, random.choice(_CONDITIONS))
            elif kind == "Condition":
                made = document.add(kind, number, expression=random.choice(_CONDITIONS[3:]))
            elif kind == "Instruction":
                made = document.add(kind, number, expression=random.choice(_CHANGES[3:]))
            else:
                made = document.add(
                    "Hub", number, random.choice(_CONDITIONS), random.choice(_CHANGES)
                )
            nodes.append(made)
        self._wire(number, nodes, lines)
        return number

    def _line(self, parent: int) -> int:
        random = self.random
        count = len(self.document.things)
        found = self.document.fragment(
            parent,
            f"Line {count}",
            menu=random.choice(["", f"Menu {count}"]),
            asked=random.choice(_CONDITIONS),
            done=random.choice(_CHANGES),
            speaker=random.choice(self.people),
            y=float(random.randrange(1000)),
        )
        self._lines.append(found)
        return found

    def _wire(self, container: int, nodes: list[int], lines: list[int]) -> None:
        """Ways without a line only go forward, so that none goes round in silence."""
        random, document = self.random, self.document
        for place, number in enumerate(nodes):
            kind = document.things[number].kind
            outputs = {"Condition": 2, "Jump": 0}.get(kind, 1)
            for output in range(outputs):
                ahead = nodes[place + 1 :]
                goals = [*lines, *ahead] if kind == "DialogueFragment" else [*ahead]
                count = random.choice([1, 1, 1, 2, 3])
                chosen = random.sample(goals, min(count, len(goals)))
                if random.random() < 0.3 or not chosen:
                    chosen.append(container)
                for goal in dict.fromkeys(chosen):
                    document.lead(number, goal, output)
