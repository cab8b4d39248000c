"""Plays the statements of a story from top to bottom, as the languages do that are read so.

What lines, conditions and assignments do is left to the player; where play goes on is not.
"""

from collections.abc import Callable
from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.evaluate import holds
from storyarn_pipelines.expressions.stored import read_assignments, read_response_assignments
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story import player as player_module
from storyarn_pipelines.story.choices import Choices
from storyarn_pipelines.story.player import Player, _Ended, _Play
from storyarn_pipelines.story.statements import (
    Block,
    Branch,
    Call,
    Choice,
    End,
    Jump,
    Line,
    Placed,
    Return,
    Run,
    Structure,
)
from storyarn_pipelines.story.text import line_text

Structures = Callable[[int], Structure | None]
Place = tuple[Block, int]


def play_structures(player: Player, structures: Structures, choices: Choices) -> dict[str, Any]:
    """The trace of the main flow."""
    return _Reading(player, structures, choices).run(player.story.find(None))


class _Reading(_Play):
    """Holds the blocks that play is in, each with the statement that comes next."""

    def __init__(self, player: Player, structures: Structures, choices: Choices) -> None:
        super().__init__(player, choices)
        self.structures = structures
        self.places: list[Place] = []
        self.calls: list[tuple[dict[int | None, Block], list[Place], Call]] = []
        self.labels: dict[int | None, Block] = {}

    def run(self, flow_id: int) -> dict[str, Any]:
        try:
            self._begin(flow_id, None)
            while True:
                self._next()
        except _Ended as end:
            self.trace.end(end.reason, end.node_id)
        return self.trace.document(self.world.values)

    def _begin(self, flow_id: int, caller: int | None) -> None:
        told = self.structures(flow_id)
        if told is None:
            raise _Ended("flow_not_found", caller)
        if not told.sections:
            raise _Ended("no_entry", caller)
        self.labels = {section.label: section.body for section in told.sections}
        self.places = [(told.sections[0].body, 0)]

    def _next(self) -> None:
        while len(self.places[-1][0]) == self.places[-1][1]:
            self.places.pop()
            assert self.places, "a section falls through"
        block, index = self.places.pop()
        self.places.append((block, index + 1))
        match block[index]:
            case Jump(label):
                self.places = [(self.labels[label], 0)]
            case End(reason, node_id):
                if reason == "node_not_found":
                    self._not_too_long(node_id)
                raise _Ended(reason, node_id)
            case Return(node_id):
                self._back(node_id)
            case statement:
                self._not_too_long(statement.node.id)
                self.trace.steps += 1
                self._do(statement)

    def _not_too_long(self, node_id: int) -> None:
        if self.trace.steps >= player_module.STEP_LIMIT:
            raise _Ended("step_limit", node_id)

    def _do(self, statement: Placed) -> None:
        match statement:
            case Line(node):
                self._say(node)
            case Run(node):
                self._execute(read_assignments(n.data_of(node).get("assignments")))
            case Choice():
                self._choose(statement)
            case Branch(_, arms, otherwise):
                chosen = (arm.body for arm in arms if holds(arm.condition, self.world))
                self.places.append((next(chosen, otherwise), 0))
            case Call(node, flow_id):
                self.calls.append((self.labels, self.places, statement))
                self._begin(flow_id, node.id)

    def _say(self, node: Node) -> None:
        data = n.data_of(node)
        text = line_text(n.text_of(data.get("text")), self.world.values, self.show)
        self.trace.say(self._speaker(data.get("speaker_sheet_id")), text, node.id)

    def _choose(self, choice: Choice) -> None:
        self._say(choice.node)
        offered = [option for option in choice.options if self._is_valid(option.response)]
        if not offered:
            raise _Ended("no_valid_response", choice.node.id)
        texts = [self._response_text(choice.node, option.response) for option in offered]
        only = len(offered) == 1
        index = 0 if only else self.choices.pick(choice.node.id, texts)
        self.trace.choose(index, texts, auto=only)
        if n.has_instruction(offered[index].response):
            self._execute(read_response_assignments(offered[index].response))
        self.places.append((offered[index].body, 0))

    def _back(self, exit_id: int) -> None:
        if not self.calls:
            raise _Ended("returned_to_nobody", exit_id)
        self.labels, self.places, call = self.calls.pop()
        if call.outcomes or call.otherwise is not None:
            bodies = {outcome.exit_id: outcome.body for outcome in call.outcomes}
            body = bodies.get(exit_id, call.otherwise)
            assert body is not None, "a return that was said to be impossible"
            self.places.append((body, 0))
