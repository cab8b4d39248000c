"""One object of the XML export: the members that each kind has."""

from storyarn_pipelines.importers.articy.items import (
    NOTHING,
    Item,
    Pin,
    Property,
    Text,
    number_of,
)
from storyarn_pipelines.importers.articy.project import ArticyProject
from storyarn_pipelines.importers.articy.xml_stream import Element, local, real, said

_CORNERS = frozenset({"Vertex", "Point"})


class ObjectReader:
    """Reads objects of one file."""

    def __init__(self, project: ArticyProject) -> None:
        self._project, self._file = project, project.file

    def read(self, element: Element, kind: str, number: int) -> Item:
        """An object with all that the import asks for. Raises ImportFileError for odd ids."""
        members = {local(x): x for x in element}
        place = f"{kind} {element.get('Id')}"

        def ref(name: str, attribute: str = "IdRef") -> int:
            found = members.get(name)
            value = None if found is None else found.get(attribute)
            return number_of(value, self._file, place) if value else NOTHING

        def words(name: str) -> Text:
            return self._project.heard(self.text(members.get(name)))

        position, size = members.get("Position"), members.get("Size")
        return Item(
            id=number,
            kind=kind,
            template=element.get("ObjectTemplateReferenceName") or "",
            technical=said(members.get("TechnicalName")).strip(),
            external=said(members.get("ExternalId")),
            name=words("DisplayName"),
            text=words("Text"),
            stage=words("StageDirections"),
            menu=words("MenuText"),
            color=said(members.get("Color")).strip(),
            properties=self._properties(members.get("Features"), place),
            pins=self._pins(members.get("Pins"), place),
            x=0.0 if position is None else real(position.get("X")),
            y=0.0 if position is None else real(position.get("Y")),
            width=0.0 if size is None else real(size.get("Width")),
            height=0.0 if size is None else real(size.get("Height")),
            expression=said(members.get("Expression")),
            speaker=ref("Speaker"),
            target=ref("Target"),
            target_pin=ref("Target", "PinRef"),
            references=self._references(members.get("References"), place),
            preview=ref("PreviewImage"),
            points=_points(element),
            file=said(members.get("AssetFilename")).strip(),
            source=said(members.get("OriginalSource")).strip()
            or said(members.get("AssetPath")).strip(),
        )

    def text(self, element: Element | None) -> Text:
        """A text by language; a bare one has no language."""
        if element is None:
            return {}
        said = [x for x in element if local(x) == "LocalizedString"]
        found = {x.get("Lang", ""): x.text or "" for x in said}
        self._project.voices += sum(_is_id(x.get("VoiceOverReference")) for x in said)
        bare = (element.text or "").strip()
        return found or ({"": bare} if bare else {})

    def _pins(self, element: Element | None, place: str) -> list[Pin]:
        found: list[Pin] = []
        counts = {True: 0, False: 0}
        for pin in () if element is None else element:
            if local(pin) != "Pin":
                continue
            is_input = pin.get("Semantic") != "Output"
            index = pin.get("Index") or ""
            number = int(index) if index.isdecimal() and len(index) < 6 else counts[is_input]
            counts[is_input] += 1
            script = said(pin, "Expression")
            found.append(
                Pin(number_of(pin.get("Id"), self._file, f"{place}, Pin"), is_input, number, script)
            )
        return found

    def _references(self, element: Element | None, place: str) -> list[int]:
        return [
            number_of(x.get("IdRef"), self._file, place)
            for x in (() if element is None else element)
            if local(x) == "Reference" and x.get("IdRef")
        ]

    def _properties(self, element: Element | None, place: str) -> list[Property]:
        found: list[Property] = []
        for feature in () if element is None else element:
            name = feature.get("Name") or ""
            for box in feature:
                for one in box if local(box) == "Properties" else ():
                    kind = local(one)
                    value = self._value(one, kind, place)
                    found.append(Property(name, one.get("Name") or "", kind, value))
        return found

    def _value(self, element: Element, kind: str, place: str) -> object:
        match kind:
            case "LocalizableText":
                return self._project.heard(self.text(element))
            case "Number":
                return real(element.text) if (element.text or "").strip() else None
            case "Boolean":
                return (element.text or "").strip().lower() in ("1", "true")
            case "Enum":
                text = (element.text or "").strip()
                return int(text) if text.lstrip("-").isdecimal() and len(text) < 10 else None
            case "NamedReference":
                value = element.get("IdRef")
                return number_of(value, self._file, place) if value else NOTHING
            case "References" | "QueryReferences":
                return self._references(element, place)
        # Of a kind that is not known all texts are kept, and what they refer to.
        told = [x.strip() for x in element.itertext() if x.strip()]
        told += [x.get("IdRef") for x in element.iter() if x.get("IdRef")]
        return " ".join(told) if len(element) or not element.text else element.text


def _is_id(value: str | None) -> bool:
    """Whether an attribute names an object: neither nothing nor the id of none."""
    return value is not None and bool(value.strip("0xX"))


def _points(element: Element) -> list[tuple[float, float]]:
    """The corners of a zone or a path, in whatever list they stand."""
    return [
        (real(x.get("X")), real(x.get("Y")))
        for x in element.iter()
        if local(x) in _CORNERS and x.get("X") is not None and x.get("Y") is not None
    ]
