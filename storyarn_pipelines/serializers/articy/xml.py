"""Objects as articy's XML has them: the members of each element, in articy's own order."""

from collections.abc import Callable
from zlib import crc32

from storyarn_pipelines.serializers.articy.ids import NULL_ID
from storyarn_pipelines.serializers.articy.objects import (
    COLOR,
    FLOW_KINDS,
    PLAIN_NAMES,
    SIZES,
    Kept,
    Pin,
    Property,
    Text,
    Thing,
    Wire,
)
from storyarn_pipelines.serializers.articy.xml_text import Lines, culture, element, line_break, safe

NAMESPACE = "http://www.articy.com/schemas/articydraft/4.0/XmlContentExport_FullProject.xsd"
DEPTH = 2
"""How deep in the document objects and definitions stand."""


class XmlForm:
    """Writes the objects of one project. ``definition`` gives the id of a feature or template.

    An object is one piece of XML: ``_breaks`` hold what stands between its lines, by how deep the
    next line is within the object. Objects stand two levels deep in the document.
    """

    def __init__(
        self, guid: str, language: str, definition: Callable[[str, bool], str], *, pretty: bool
    ) -> None:
        self._url = f"articy://localhost/view/{guid}/"
        self._language = culture(language)
        self._definition = definition
        self._breaks = [line_break(DEPTH + x) if pretty else "" for x in range(6)]

    def url(self, number: str) -> str:
        """The address of an object in articy."""
        return f"<Url>{self._url}{int(number, 16)}</Url>"

    def text(self, name: str, text: Text, level: int = 1, label: str = "") -> str:
        """A text in all its languages; ``label`` names the property that it is."""
        named = f' Name="{label}"' if label else ""
        if not text.plain and not text.more:
            return f'<{name}{named} Count="0"/>'
        end, in_ = self._breaks[level : level + 2]
        said = in_ + _localized(self._language, text.plain, text.html)
        marked = text.html is not None
        for locale, plain, html in text.more:
            said += in_ + _localized(culture(locale), plain, html)
            marked = marked or html is not None
        markup = ' HasMarkup="1"' if marked else ""
        return f'<{name}{named} Count="{1 + len(text.more)}"{markup}>{said}{end}</{name}>'

    def thing(self, thing: Thing) -> str:
        """An object."""
        kind = thing.kind
        if kind == "Comment":
            return self._comment(thing)
        end, in_ = self._breaks[:2]
        template = ""
        if thing.template:
            number = self._definition(thing.template, True)
            template = (
                f' ObjectTemplateReference="{number}"'
                f' ObjectTemplateReferenceName="{thing.template}"'
            )
        if kind in PLAIN_NAMES:
            name = element("DisplayName", thing.name.plain)
        else:
            name = self.text("DisplayName", thing.name)
        text = ""
        if thing.text.plain or thing.text.more or kind == "DialogueFragment":
            text = in_ + self.text("Text", thing.text)
        return (
            f'<{kind} Id="{thing.id}"{template}>'
            f"{in_}{name}{text}"
            f"{in_}<Color>{thing.color}</Color>"
            f"{in_}<TechnicalName>{thing.technical_name}</TechnicalName>"
            f"{in_}{element('ExternalId', thing.external_id)}"
            f"{in_}<ShortId>0x{crc32(thing.id.encode()):08X}</ShortId>"
            f"{in_}{self.url(thing.id)}"
            f"{in_}{self._features(thing)}"
            f"{_OWN.get(kind, _nothing)(self, thing)}"
            f"{end}</{kind}>"
        )

    def _comment(self, thing: Thing) -> str:
        end, in_ = self._breaks[:2]
        return (
            f'<Comment Id="{thing.id}">'
            f"{in_}{self.text('Text', thing.text)}"
            f"{in_}<Color>{thing.color}</Color>"
            f"{in_}{self.url(thing.id)}"
            f"{in_}<CreatedOn>2000-01-01T00:00:00Z</CreatedOn>"
            f"{in_}<CreatedBy/>"
            f"{end}</Comment>"
        )

    def wires(self, thing: Thing) -> Lines:
        """The connections that begin at an object's pins."""
        return [
            self._wire(thing, pin, wire)
            for pin in (*thing.inputs, *thing.outputs)
            for wire in pin.wires
        ]

    def _wire(self, thing: Thing, pin: Pin, wire: Wire) -> str:
        end, in_ = self._breaks[:2]
        return (
            f'<Connection Id="{wire.id}">'
            f"{in_}<Color>{COLOR}</Color>"
            f"{in_}<TechnicalName>Con_{wire.id[4:]}</TechnicalName>"
            f"{in_}{self.url(wire.id)}"
            f'{in_}<Label Count="0"/>'
            f'{in_}<Source IdRef="{thing.id}" PinRef="{pin.id}"/>'
            f'{in_}<Target IdRef="{wire.target}" PinRef="{wire.pin}"/>'
            f"{in_}<ShowLabel>0</ShowLabel>"
            f"{end}</Connection>"
        )

    def _counted(self, name: str, items: Lines, level: int = 1, more: str = "") -> str:
        """A list of elements with its count; ``more`` are attributes."""
        if not items:
            return f'<{name}{more} Count="0"/>'
        outer, inner = self._breaks[level : level + 2]
        return f'<{name}{more} Count="{len(items)}">{inner}{inner.join(items)}{outer}</{name}>'

    def _features(self, thing: Thing) -> str:
        features = []
        for name, properties in thing.features:
            end, in_ = self._breaks[2:4]
            number = self._definition(name, False)
            inner = self._counted("Properties", [self._property(x) for x in properties], 3)
            features.append(f'<Feature Name="{name}" IdRef="{number}">{in_}{inner}{end}</Feature>')
        return self._counted("Features", features)

    def _property(self, one: Property) -> str:
        name, value = one.name, one.value
        match value:
            case str():
                said = value
            case Text():
                return self.text("LocalizableText", value, 4, name)
            case Kept(text):
                return f'<{one.kind} Name="{name}">{text}</{one.kind}>'
            case bool():
                said = str(int(value))
            case _:
                said = f"{value:g}" if abs(value) < 1e15 else repr(value)
        if one.kind == "NamedReference":
            return f'<NamedReference Name="{name}" IdRef="{said}"/>'
        return f'<{one.kind} Name="{name}">{safe(said)}</{one.kind}>'

    # -- what kinds have of their own, with a break in front of each line

    def container(self, thing: Thing) -> str:
        """References, pins and place of a dialogue."""
        return self.references(thing) + self.placed(thing)

    def references(self, thing: Thing) -> str:
        """Objects that belong to it, and its image."""
        in_ = self._breaks[1]
        made = in_ + self._counted(
            "References", [f'<Reference IdRef="{x}"/>' for x in thing.references]
        )
        if thing.preview != NULL_ID:
            made += f'{in_}<PreviewImage IdRef="{thing.preview}"/>'
        return made

    def placed(self, thing: Thing) -> str:
        """Pins and place of an object in a flow."""
        in_ = self._breaks[1]
        width, height = SIZES[thing.kind]
        return (
            f"{self._pins(thing)}"
            f'{in_}<Position X="{thing.x:g}" Y="{thing.y:.10g}"/>'
            f'{in_}<Size Width="{width}" Height="{height}"/>'
            f"{in_}<ZIndex>0</ZIndex>"
        )

    def _pins(self, thing: Thing) -> str:
        if thing.kind not in FLOW_KINDS:
            return ""
        end, in_ = self._breaks[2:4]
        pins = [
            f'<Pin Id="{pin.id}" Index="{index}" Semantic="{meaning}">'
            f"{in_}{element('Expression', pin.script)}"
            f"{end}</Pin>"
            for meaning, pins in (("Input", thing.inputs), ("Output", thing.outputs))
            for index, pin in enumerate(pins)
        ]
        return self._breaks[1] + self._counted("Pins", pins)

    def fragment(self, thing: Thing) -> str:
        """A dialogue fragment."""
        in_ = self._breaks[1]
        speaker = f'{in_}<Speaker IdRef="{thing.speaker}"/>' if thing.speaker != NULL_ID else ""
        return (
            f"{self.placed(thing)}{speaker}"
            f"{in_}{self.text('StageDirections', thing.stage)}"
            f"{in_}{self.text('MenuText', thing.menu)}"
        )

    def script(self, thing: Thing) -> str:
        """A condition or an instruction."""
        return f"{self._breaks[1]}{element('Expression', thing.expression)}{self.placed(thing)}"

    def jump(self, thing: Thing) -> str:
        """A jump."""
        if thing.target is None:
            return self.placed(thing)
        ends = f'IdRef="{thing.target.target}" PinRef="{thing.target.pin}"'
        return f"{self.placed(thing)}{self._breaks[1]}<Target {ends}/>"

    def asset(self, thing: Thing) -> str:
        """A file."""
        in_ = self._breaks[1]
        return (
            f"{in_}<PreviewImage/>"
            f"{in_}{element('AssetFilename', thing.file)}"
            f"{in_}{element('AssetPath', thing.file.rpartition('/')[2])}"
            f"{in_}{element('OriginalSource', thing.source)}"
        )

    def place(self, thing: Thing) -> str:
        """Something in a location: a spot, a link, a zone."""
        in_ = self._breaks[1]
        corners = [f'<Vertex X="{x:g}" Y="{y:g}"/>' for x, y in thing.points]
        targets = [f'{in_}<Target IdRef="{x}"/>' for x in thing.references if thing.kind == "Link"]
        return (
            f"{in_}<Visibility>Visible</Visibility>"
            f"{in_}<Selectability>Selectable</Selectability>"
            f'{in_}<Position X="{thing.x:g}" Y="{thing.y:g}"/>'
            f"{in_}<ZIndex>0</ZIndex>"
            f"{in_ + self._counted('Vertices', corners) if corners else ''}"
            f"{''.join(targets)}"
        )


def _localized(language: str, plain: str, html: str | None) -> str:
    said = safe(plain if html is None else html)
    return f'<LocalizedString Lang="{language}">{said}</LocalizedString>'


def _nothing(form: XmlForm, thing: Thing) -> str:
    del form, thing
    return ""


_OWN: dict[str, Callable[[XmlForm, Thing], str]] = {
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
"""What stands behind the features of an object, by its kind."""
