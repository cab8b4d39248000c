"""The data tables: their columns stand here once, for the CSV, the JSON and the C++ structs."""

from dataclasses import dataclass
from typing import Literal

ROOT = "/Game/Storyarn"
"""Where the assets are expected in the game's content."""

Kind = Literal["name", "string", "text", "integer", "names", "strings", "map", "sound", "texture"]
"""``names`` and ``strings`` are lists, a ``map`` is one from texts to texts; ``sound`` and
``texture`` are paths of assets."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column, which is a member of the row's struct."""

    name: str
    kind: Kind
    about: str


@dataclass(frozen=True, slots=True)
class Table:
    """A data table. The row's name comes before the columns. ``as_json``: it is written as JSON
    too, for its lists. ``optional``: without rows it is left out."""

    name: str
    struct: str
    about: str
    columns: tuple[Column, ...]
    as_json: bool = False
    optional: bool = False

    @property
    def header(self) -> list[str]:
        """The first line of the CSV."""
        return ["Name", *(column.name for column in self.columns)]


_PLACE = (
    Column("Conversation", "name", "The conversation that it belongs to."),
    Column("NodeId", "string", "The node in Conversations.json."),
)

LINES = Table(
    "DT_DialogueLines",
    "FStoryarnDialogueLine",
    "A line that is said.",
    (
        *_PLACE,
        Column("Speaker", "name", "Row of DT_Characters; None if nobody speaks."),
        Column("Text", "text", "The line. A format pattern if there are Arguments."),
        Column("TextKey", "string", "The key of the text in the string table."),
        Column("RichText", "text", "The line for a rich text block, if it has styles."),
        Column("Arguments", "strings", "Rows of DT_Variables whose values are put in."),
        Column("SourceText", "string", "What Text says in the source language, for people."),
        Column("MenuText", "text", "A short form of the line."),
        Column("StageDirections", "text", "How the line is said."),
        Column("TechnicalId", "string", "The writers' own name of the line."),
        Column("AudioCue", "sound", "The voice-over in the source language."),
        Column("Portrait", "texture", "The speaker's picture for this line."),
        Column("Location", "name", "Row of DT_Characters of the place."),
        Column("Choices", "names", "Rows of DT_Choices, in their order."),
        Column("NextNode", "string", "The node that follows a line without choices."),
        Column("NextLine", "name", "The line that follows directly, if a line does."),
    ),
    as_json=True,
)
CHOICES = Table(
    "DT_Choices",
    "FStoryarnChoice",
    "A response that the player may take.",
    (
        *_PLACE,
        Column("Line", "name", "Row of DT_DialogueLines that it answers."),
        Column("ResponseId", "string", "The response in Storyarn."),
        Column("Text", "text", "What it says. A format pattern if there are Arguments."),
        Column("TextKey", "string", "The key of the text in the string table."),
        Column("Arguments", "strings", "Rows of DT_Variables whose values are put in."),
        Column("SourceText", "string", "What Text says in the source language, for people."),
        Column("Condition", "name", "Row of DT_Conditions; None: always on offer."),
        Column("Instruction", "name", "Row of DT_Instructions that runs when it is taken."),
        Column("NextNode", "string", "The node that follows; empty: the story ends."),
        Column("NextLine", "name", "The line that follows directly, if a line does."),
    ),
    as_json=True,
)
CONDITIONS = Table(
    "DT_Conditions",
    "FStoryarnCondition",
    "A question about variables.",
    (
        *_PLACE,
        Column("Pin", "string", "The output or response that is open if it holds."),
        Column("Expression", "string", "The question in Storyarn's expressions for Unreal."),
        Column("Original", "string", "The same as Storyarn shows it."),
    ),
)
INSTRUCTIONS = Table(
    "DT_Instructions",
    "FStoryarnInstruction",
    "A change of variables.",
    (
        *_PLACE,
        Column("Statements", "string", "Assignments, one a line."),
        Column("Original", "string", "The same as Storyarn shows them."),
        Column("Description", "string", "The writers' note."),
    ),
)
CHARACTERS = Table(
    "DT_Characters",
    "FStoryarnCharacter",
    "A sheet: a character, a place, a thing.",
    (
        Column("DisplayName", "text", "Its name."),
        Column("DisplayNameKey", "string", "The key of the name in the string table."),
        Column("SourceName", "string", "The name in the source language."),
        Column("Shortcut", "string", "Its name in expressions of Storyarn."),
        Column("Description", "string", "What the writers say of it."),
        Column("Color", "string", "Its colour, #RRGGBB."),
        Column("Parent", "name", "The row that it stands under."),
        Column("Portrait", "texture", "Its usual picture."),
        Column("Properties", "map", "What is written on the sheet, as texts."),
    ),
    as_json=True,
)
VARIABLES = Table(
    "DT_Variables",
    "FStoryarnVariable",
    "A variable; the row's name is its name in expressions.",
    (
        Column("VariableId", "string", "Its full name in Storyarn."),
        Column("Sheet", "string", "The shortcut of its sheet, pin or zone."),
        Column("VariableName", "string", "Its name on the sheet."),
        Column("Type", "string", "Its type in Storyarn."),
        Column("Kind", "string", "What DefaultValue is: Number, Text, Boolean or None."),
        Column("DefaultValue", "string", "Its value when a story begins."),
        Column("DisplayText", "text", "That value as a text to be shown, if it has translations."),
        Column("Formula", "string", "How it is worked out, if it is."),
        Column("FormulaOrder", "integer", "Formulas are worked out in this order; 0: none."),
        Column("Bindings", "map", "Symbols of the formula with their rows of DT_Variables."),
    ),
    as_json=True,
)
VOICES = Table(
    "DT_VoiceOver",
    "FStoryarnVoiceOver",
    "A recording of a line or response in another language.",
    (
        Column("Line", "name", "Row of DT_DialogueLines or DT_Choices."),
        Column("Culture", "string", "The culture, such as pt-BR."),
        Column("AudioCue", "sound", "The recording."),
    ),
    optional=True,
)
MEDIA = Table(
    "DT_Media",
    "FStoryarnMedia",
    "A media file of the project.",
    (
        Column("AssetPath", "string", "Where paths of this export expect it; empty: nowhere."),
        Column("File", "string", "Its file in this archive, if media are bundled."),
        Column("FileName", "string", "Its name in Storyarn."),
        Column("StorageKey", "string", "Its key in Storyarn's storage."),
        Column("ContentType", "string", "What it is."),
        Column("Sha256", "string", "The hash of its bytes, if it is known."),
    ),
    optional=True,
)
TABLES = (LINES, CHOICES, CONDITIONS, INSTRUCTIONS, CHARACTERS, VARIABLES, VOICES, MEDIA)
"""All tables, in the order of the archive."""
