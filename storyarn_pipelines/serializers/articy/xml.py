"""Objects as articy's XML has them: the members of each element, in articy's own order."""

from collections.abc import Callable, Sequence
from zlib import crc32

from storyarn_pipelines.serializers.articy.ids import NULL_ID
from storyarn_pipelines.serializers.articy.objects import (
    FLOW_KINDS,
    PLAIN_NAMES,
    SIZES,
    Property,
    Text,
    Thing,
)

NAMESPACE = "http://www.articy.com/schemas/articydraft/4.0/XmlContentExport_FullProject.xsd"
_SPECIALS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", '"': "&quot;"})

Lines = list[str]
"""Lines of XML, indented from the element on; a line's text may hold line breaks."""


def safe(text: str) -> str:
    """A text as it stands in an element or an attribute; control characters are gone before."""
    return text.translate(_SPECIALS)


def element(name: str, text: str, indent: str = "") -> str:
    """An element with a text."""
    return f"{indent}<{name}>{safe(text)}</{name}>" if text else f"{indent}<{name}/>"


def culture(locale: str) -> str:
    """A locale as articy writes it: ``pt-BR``, ``zh-Hans``."""
    first, *rest = locale.split("-")
    return "-".join([first, *(x.upper() if len(x) == 2 else x.title() for x in rest)])


def listed(name: str, items: Sequence[str], indent: str = "") -> Lines:
    """A list of elements with its count."""
    if not items:
        return [f'{indent}<{name} Count="0"/>']
    return [f'{indent}<{name} Count="{len(items)}">', *items, f"{indent}</{name}>"]


class XmlForm:
    """Writes the objects of one project. ``definition`` gives the id of a feature or template."""

    def __init__(self, guid: str, language: str, definition: Callable[[str, bool], str]) -> None:
        self._url = f"articy://localhost/view/{guid}/"
        self._language = culture(language)
        self._definition = definition

    def url(self, number: str) -> str:
        """The address of an object in articy."""
        return f"<Url>{self._url}{int(number, 16)}</Url>"

    def text(self, name: str, text: Text, indent: str = "  ") -> Lines:
        """A text in all its languages."""
        if not text.plain and not text.more:
            return [f'{indent}<{name} Count="0"/>']
        every = [(self._language, text.plain, text.html)]
        every += [(culture(locale), plain, html) for locale, plain, html in text.more]
        marked = any(html is not None for _, _, html in every)
        markup = ' HasMarkup="1"' if marked else ""
        lines = [f'{indent}<{name} Count="{len(every)}"{markup}>']
        for language, plain, html in every:
            said = plain if html is None else html
            lines.append(
                f'{indent}  <LocalizedString Lang="{language}">{safe(said)}</LocalizedString>'
            )
        lines.append(f"{indent}</{name}>")
        return lines

    def thing(self, thing: Thing) -> Lines:
        """An object."""
        kind = thing.kind
        template = ""
        if thing.template:
            number = self._definition(thing.template, True)
            template = (
                f' ObjectTemplateReference="{number}"'
                f' ObjectTemplateReferenceName="{thing.template}"'
            )
        lines = [f'<{kind} Id="{thing.id}"{template}>']
        if kind == "Comment":
            lines += self.text("Text", thing.text)
            lines += [f"  <Color>{thing.color}</Color>", f"  {self.url(thing.id)}"]
            lines += ["  <CreatedOn>2000-01-01T00:00:00Z</CreatedOn>", "  <CreatedBy/>"]
            return [*lines, f"</{kind}>"]
        if kind in PLAIN_NAMES:
            lines.append(element("DisplayName", thing.name.plain, "  "))
        else:
            lines += self.text("DisplayName", thing.name)
        if thing.text.plain or thing.text.more or kind == "DialogueFragment":
            lines += self.text("Text", thing.text)
        lines += [
            f"  <Color>{thing.color}</Color>",
            f"  <TechnicalName>{thing.technical_name}</TechnicalName>",
            element("ExternalId", thing.external_id, "  "),
            f"  <ShortId>0x{crc32(thing.id.encode()):08X}</ShortId>",
            f"  {self.url(thing.id)}",
            *self._features(thing),
            *_OWN.get(kind, _nothing)(self, thing),
            f"</{kind}>",
        ]
        return lines

    def wires(self, thing: Thing) -> Lines:
        """The connections that begin at an object's pins."""
        lines: Lines = []
        for pin in (*thing.inputs, *thing.outputs):
            for wire in pin.wires:
                lines += (
                    f'<Connection Id="{wire.id}">',
                    "  <Color>#C8E2E7</Color>",
                    f"  <TechnicalName>Con_{wire.id[4:]}</TechnicalName>",
                    f"  {self.url(wire.id)}",
                    '  <Label Count="0"/>',
                    f'  <Source IdRef="{thing.id}" PinRef="{pin.id}"/>',
                    f'  <Target IdRef="{wire.target}" PinRef="{wire.pin}"/>',
                    "  <ShowLabel>0</ShowLabel>",
                    "</Connection>",
                )
        return lines

    def _features(self, thing: Thing) -> Lines:
        if not thing.features:
            return ['  <Features Count="0"/>']
        inner: Lines = []
        for name, properties in thing.features:
            number = self._definition(name, False)
            inner.append(f'    <Feature Name="{name}" IdRef="{number}">')
            inner.append(f'      <Properties Count="{len(properties)}">')
            for one in properties:
                inner += self._property(one)
            inner += ["      </Properties>", "    </Feature>"]
        return [f'  <Features Count="{len(thing.features)}">', *inner, "  </Features>"]

    def _property(self, one: Property) -> Lines:
        name, value = one.name, one.value
        match value:
            case Text():
                texts = self.text("LocalizableText", value, "        ")
                return [texts[0].replace("<LocalizableText", f'<LocalizableText Name="{name}"', 1),
                        *texts[1:]]  # fmt: skip
            case bool():
                said = str(int(value))
            case float() | int():
                said = f"{value:g}" if abs(value) < 1e15 else repr(value)
            case _:
                said = value
        if one.kind == "NamedReference":
            return [f'        <NamedReference Name="{name}" IdRef="{said}"/>']
        return [f'        <{one.kind} Name="{name}">{safe(said)}</{one.kind}>']

    # -- what kinds have of their own

    def container(self, thing: Thing) -> Lines:
        """References, pins and place of a dialogue."""
        return [*self.references(thing), *self.placed(thing)]

    def references(self, thing: Thing) -> Lines:
        """Objects that belong to it, and its image."""
        items = [f'    <Reference IdRef="{x}"/>' for x in thing.references]
        lines = listed("References", items, "  ")
        if thing.preview != NULL_ID:
            lines.append(f'  <PreviewImage IdRef="{thing.preview}"/>')
        return lines

    def placed(self, thing: Thing) -> Lines:
        """Pins and place of an object in a flow."""
        width, height = SIZES[thing.kind]
        return [
            *_pins(thing),
            f'  <Position X="{thing.x:g}" Y="{thing.y:.10g}"/>',
            f'  <Size Width="{width}" Height="{height}"/>',
            "  <ZIndex>0</ZIndex>",
        ]

    def fragment(self, thing: Thing) -> Lines:
        """A dialogue fragment."""
        lines = self.placed(thing)
        if thing.speaker != NULL_ID:
            lines.append(f'  <Speaker IdRef="{thing.speaker}"/>')
        lines += self.text("StageDirections", thing.stage)
        return [*lines, *self.text("MenuText", thing.menu)]

    def script(self, thing: Thing) -> Lines:
        """A condition or an instruction."""
        return [element("Expression", thing.expression, "  "), *self.placed(thing)]

    def jump(self, thing: Thing) -> Lines:
        """A jump."""
        lines = self.placed(thing)
        if thing.target is not None:
            ends = f'IdRef="{thing.target.target}" PinRef="{thing.target.pin}"'
            lines.append(f"  <Target {ends}/>")
        return lines

    def asset(self, thing: Thing) -> Lines:
        """A file."""
        name = thing.file.rpartition("/")[2]
        return [
            "  <PreviewImage/>",
            element("AssetFilename", thing.file, "  "),
            element("AssetPath", name, "  "),
            element("OriginalSource", thing.source, "  "),
        ]

    def place(self, thing: Thing) -> Lines:
        """Something in a location: a spot, a link, a zone."""
        corners = [f'    <Vertex X="{x:g}" Y="{y:g}"/>' for x, y in thing.points]
        lines = [
            "  <Visibility>Visible</Visibility>",
            "  <Selectability>Selectable</Selectability>",
            f'  <Position X="{thing.x:g}" Y="{thing.y:g}"/>',
            "  <ZIndex>0</ZIndex>",
        ]
        if corners:
            lines += listed("Vertices", corners, "  ")
        if thing.kind == "Link":
            lines += [f'  <Target IdRef="{x}"/>' for x in thing.references]
        return lines


def _nothing(form: XmlForm, thing: Thing) -> Lines:
    del form, thing
    return []


_OWN: dict[str, Callable[[XmlForm, Thing], Lines]] = {
    "Dialogue": XmlForm.container,
    "DialogueFragment": XmlForm.fragment,
    "Hub": XmlForm.placed,
    "Jump": XmlForm.jump,
    "Condition": XmlForm.script,
    "Instruction": XmlForm.script,
    "Entity": XmlForm.references,
    "Location": XmlForm.references,
    "Asset": XmlForm.asset,
    "Spot": XmlForm.place,
    "Link": XmlForm.place,
    "Zone": XmlForm.place,
}


def _pins(thing: Thing) -> Lines:
    if thing.kind not in FLOW_KINDS:
        return []
    lines = [f'  <Pins Count="{len(thing.inputs) + len(thing.outputs)}">']
    for meaning, pins in (("Input", thing.inputs), ("Output", thing.outputs)):
        for index, pin in enumerate(pins):
            lines += [
                f'    <Pin Id="{pin.id}" Index="{index}" Semantic="{meaning}">',
                element("Expression", pin.script, "      "),
                "    </Pin>",
            ]
    lines.append("  </Pins>")
    return lines
