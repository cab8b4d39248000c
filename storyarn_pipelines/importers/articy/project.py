"""What stands in an export besides objects, and the store that has those."""

from dataclasses import dataclass, field

from storyarn_pipelines.importers.articy.items import Language, Text, VariableSet
from storyarn_pipelines.importers.articy.store import Store


@dataclass(slots=True)
class Enum:
    """The values of an enumeration: number, technical name, and what is shown."""

    values: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class ArticyProject:
    """One project. ``file`` is the main file's name, for messages.

    ``labels`` are the names by which people know features and properties (``Feature`` or
    ``Feature.Property``), ``enums`` the enumerations by the same names, ``texts`` the languages
    that texts were met in, with how often, ``unread`` tables beside it without texts of it,
    ``voices`` how many texts are recorded.
    """

    file: str
    store: Store
    name: str = ""
    technical: str = ""
    description: str = ""
    sets: list[VariableSet] = field(default_factory=list)
    languages: list[Language] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    enums: dict[str, Enum] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    spoken: dict[str, int] = field(default_factory=dict)
    methods: list[str] = field(default_factory=list)
    keys_without_texts: int = 0
    unread: list[str] = field(default_factory=list)
    voices: int = 0

    def heard(self, text: Text) -> Text:
        """Count the languages of a text on its way through."""
        for language, said in text.items():
            if said:
                self.spoken[language] = self.spoken.get(language, 0) + 1
        return text
