"""Terms that must be translated alike everywhere, or not at all."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A term with its fixed translations; `keep` forbids translating it."""

    en: str
    es: str
    de: str
    context: str
    keep: bool = False


GLOSSARY = (
    Term("Halfwater", "Halfwater", "Halfwater", "The town.", keep=True),
    Term("Tide Clock", "Reloj de las Mareas", "Gezeitenuhr", "The clock in the tower."),
    Term("Sea Mark", "la baliza", "Seezeichen", "A beacon on a rock, not a lighthouse."),
    Term("gates", "compuertas", "Tore", "Flood gates at the foot of every street."),
    Term("lamp moth", "polilla de farol", "Lampenmotte", "A glowing moth, sold in jars."),
    Term("keeper", "guardián", "Wärter", "Of the clock, later of the lamp."),
    Term("sea round", "ronda del mar", "Seerunde", "The postal round by boat."),
)
