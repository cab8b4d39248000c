"""The whole project as ways lead through it: objects, connections and scripts, on demand."""

from functools import lru_cache

from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import ALWAYS, NEVER, Assignment, Condition
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.structure import to_structure
from storyarn_pipelines.importers.articy.book import Book
from storyarn_pipelines.importers.articy.expresso import Script, read_condition, read_instruction
from storyarn_pipelines.importers.articy.items import CONTAINERS, FLOW_KINDS, NOTHING, Item, Wire
from storyarn_pipelines.importers.articy.ours import RESPONSE, Originals, fact, is_choice
from storyarn_pipelines.importers.articy.scripts import is_blank
from storyarn_pipelines.importers.articy.ways import End, source_of, target_of

_KEPT = 4096


class World:
    """Looks up what flows need; the last ones asked for are kept.

    ``edited`` are objects of our own export whose scripts are not those that it kept.
    """

    def __init__(self, book: Book) -> None:
        self._store = book.store
        self.edited: set[int] = set()
        self._book_is_ours = book.is_ours
        self._originals = Originals(book.variables.values() if book.is_ours else ())
        names, variables = Names(book.variables.values()), book.variables

        @lru_cache(maxsize=_KEPT)
        def item(number: int) -> Item | None:
            return self._store.item(number)

        @lru_cache(maxsize=_KEPT)
        def wires(owner: int, pin: int, inside: bool) -> tuple[Wire, ...]:
            return self._wires(owner, pin, inside=inside)

        @lru_cache(maxsize=_KEPT)
        def condition(script: str) -> Condition | None:
            found = read_condition(script, variables)
            if found is None or found in (ALWAYS, NEVER):
                return found
            try:
                to_structure(found, names)
            except ExpressionError:
                return None
            return found

        @lru_cache(maxsize=_KEPT)
        def instruction(script: str) -> Script:
            return read_instruction(script, variables)

        @lru_cache(maxsize=_KEPT)
        def end(source: int, source_pin: int, target: int, target_pin: int) -> End:
            return self._end(Wire(source, source_pin, target, target_pin))

        self.item, self._cached_wires, self._cached_end = item, wires, end
        self.condition, self.instruction = condition, instruction

    def wires(self, owner: int, pin: int, *, inside: bool) -> tuple[Wire, ...]:
        """Connections of an output, from the top of the page to its bottom."""
        return self._cached_wires(owner, pin, inside)

    def _wires(self, owner: int, pin: int, *, inside: bool) -> tuple[Wire, ...]:
        found = []
        for _, wire in self._store.leaving(owner):
            begin = source_of(self._store, wire)
            if begin.inside is inside and self.first(owner, begin.pin, is_input=inside) == pin:
                found.append(wire)
        return tuple(sorted(found, key=lambda x: self._store.height(self.end(x).item)))

    def end(self, wire: Wire) -> End:
        """Where a connection leads, with the pin that it may leave out."""
        return self._cached_end(wire.source, wire.source_pin, wire.target, wire.target_pin)

    def _end(self, wire: Wire) -> End:
        found = target_of(self._store, wire)
        if not found.is_there:
            return found
        return found._replace(pin=self.first(found.item, found.pin, is_input=not found.inside))

    def first(self, number: int, pin: int, *, is_input: bool) -> int:
        """The pin itself, or the object's first one if it is none."""
        if pin != NOTHING:
            return pin
        item = self.item(number)
        pins = (item.inputs() if is_input else item.outputs()) if item else []
        return pins[0].id if pins else NOTHING

    def goal(self, jump: Item) -> End:
        """Where a jump leads."""
        number = self._store.owner(jump.target_pin) or jump.target
        if self._store.kind(number) not in FLOW_KINDS:
            return End(NOTHING, NOTHING, False)
        pin = jump.target_pin if self._store.owner(jump.target_pin) else NOTHING
        return End(number, self.first(number, pin, is_input=True), False)

    def asks(self, item: Item, pin: int) -> Condition:
        """What an input asks; what cannot be held counts as true."""
        condition = self.asked(item, pin)
        return ALWAYS if condition is None else condition

    def asked(self, item: Item, pin: int) -> Condition | None:
        """What an input asks, None for what cannot be held."""
        found = next((x for x in item.pins if x.id == pin), None)
        if found is None or not found.script:
            return ALWAYS
        if self._is_original(item) and is_choice(item):
            kept = self._originals.condition(fact(item, RESPONSE, "Condition"))
            if kept is not None:
                return kept
        return self.condition(found.script)

    def expression(self, item: Item) -> Condition:
        """What a condition asks."""
        found = self.told(item)
        return ALWAYS if found is None else found

    def told(self, item: Item) -> Condition | None:
        """What a condition asks, None for what cannot be held."""
        if self._is_original(item) and (said := self._original(item)):
            kept = self._originals.condition(said)
            if kept is not None:
                return kept
        return self.condition(item.expression)

    def does(self, item: Item, pin: int = NOTHING) -> tuple[Assignment, ...]:
        """What an output does, or an instruction itself."""
        return self.done(item, pin).changes

    def done(self, item: Item, pin: int = NOTHING) -> Script:
        """What an output does, or an instruction itself, with what of it cannot be held."""
        found = next((x for x in item.pins if x.id == pin), None)
        script = item.expression if pin == NOTHING else found.script if found else ""
        # Where articy needs several objects for a change, the first one has no script of its own.
        if self._is_original(item) and not is_blank(script):
            said = self._original(item) if pin == NOTHING else ""
            if is_choice(item):
                said = fact(item, RESPONSE, "Instruction")
            kept = self._originals.instruction(said) if said else None
            if kept is not None:
                # What is not in Storyarn's wording works out formulas, which are variables now.
                known = {x.target for x in kept}
                more = self.instruction(script).changes
                return Script((*kept, *(x for x in more if x.target not in known)))
        return self.instruction(script)

    def _is_original(self, item: Item) -> bool:
        """Whether what our own export keeps beside an object's scripts still is what they say."""
        return self._book_is_ours and item.id not in self.edited

    def is_container(self, number: int) -> bool:
        """Whether an object holds others."""
        return self._store.kind(number) in CONTAINERS

    def _original(self, item: Item) -> str:
        """What our own export keeps of Storyarn's wording beside a script."""
        return next((x for x in item.text.values() if x), "")
