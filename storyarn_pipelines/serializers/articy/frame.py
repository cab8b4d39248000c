"""What stands in the documents besides objects: settings, languages, types, variables."""

from collections.abc import Iterator, Sequence
from typing import Any

from storyarn_pipelines.expressions.emitters.identifiers import ascii_identifier
from storyarn_pipelines.serializers.articy import ids as i
from storyarn_pipelines.serializers.articy import model
from storyarn_pipelines.serializers.articy.book import Book
from storyarn_pipelines.serializers.articy.objects import Text
from storyarn_pipelines.serializers.articy.sheets import Templates
from storyarn_pipelines.serializers.articy.variables import VariableSet
from storyarn_pipelines.serializers.articy.xml import XmlForm
from storyarn_pipelines.serializers.articy.xml_text import Lines, culture, element, listed

_COLOR = "  <Color>#C8E2E7</Color>"
_SECTIONS = ("Settings, Project, GlobalVariables, ObjectDefinitions, Packages, ScriptMethods, "
             "Hierarchy, Assets")  # fmt: skip
_TAGS = {"String": "Text", "NamedReference": "ReferenceSlot"}


def settings() -> Lines:
    """How the XML was exported."""
    lines = ["<Settings>"]
    for name, value in (
        ("ExportMarkup", 1), ("ExportQueries", 0), ("WriteNamespace", 1), ("WriteAllVariables", 1),
    ):  # fmt: skip
        lines.append(f"  <{name}>{value}</{name}>")
    return [*lines, "</Settings>"]


def head(book: Book, form: XmlForm) -> Lines:
    """The project, its languages and the system folders."""
    project, clean = book.story.project, book.wording.clean
    lines = [
        f'<Project Id="{i.PROJECT_ID}">',
        element("DisplayName", clean(project.name, "project"), "  "),
        element("TechnicalName", identifier(project.slug), "  "),
        f"  {form.url(i.PROJECT_ID)}",
        "</Project>",
        f'<ProjectSettings Id="{i.FOLDERS["ProjectSettings"]}">',
        "  <LanguageSetup>",
        *_languages(book.languages),
        "  </LanguageSetup>",
        "</ProjectSettings>",
    ]
    for name, number in i.FOLDERS.items():
        if name != "ProjectSettings":
            lines += [f'<{name} Id="{number}">', element("DisplayName", name, "  "), _COLOR]
            lines.append(f"</{name}>")
    return lines


def definitions(book: Book, templates: Templates, form: XmlForm) -> Iterator[Lines]:
    """Properties, features and templates."""
    for feature in templates.features.values():
        refs = []
        for key, kind, label in feature.properties:
            number = book.ids.named(i.PROPERTY, f"{feature.name}.{key}")
            refs.append(f'    <PropertyDefinitionRef IdRef="{number}"/>')
            tag = f"{_TAGS.get(kind, kind)}PropertyDefinition"
            yield _defined(form, tag, (number, key, label), [])
        inner = listed("PropertyDefinitions", refs, "  ")
        named = (feature.id, feature.name, feature.label)
        yield _defined(form, "FeatureDefinition", named, inner)
    for template in templates.templates.values():
        refs = [
            f'    <FeatureDefinitionRef IdRef="{templates.features[x].id}"/>'
            for x in template.features
        ]
        inner = listed("FeatureDefinitions", refs, "  ")
        named = (template.id, template.name, template.label)
        yield _defined(form, "ObjectTemplateDefinition", named, inner)


def _defined(form: XmlForm, tag: str, named: tuple[str, str, str], inner: Lines) -> Lines:
    number, name, label = named
    shown = form.text("DisplayName", Text(label))
    lines = [f'<{tag} Id="{number}">', f"  {shown}", f"  <TechnicalName>{name}</TechnicalName>"]
    return [*lines, *inner, f"</{tag}>"]


def variables(one: VariableSet, form: XmlForm) -> Lines:
    """A variable set."""
    lines = [
        f'<VariableSet Id="{one.id}">',
        f"  {form.url(one.id)}",
        f"  <TechnicalName>{one.name}</TechnicalName>",
        '  <Description Count="0"/>',
        f'  <Variables Count="{len(one.variables)}">',
    ]
    for variable in one.variables:
        lines += ["    <Variable>", f"      <TechnicalName>{variable.name}</TechnicalName>"]
        lines.append(f"      {form.text('Description', Text(variable.note), 3)}")
        lines.append(f"      <DataType>{variable.type}</DataType>")
        lines.append(element("DefaultValue", variable.value, "      "))
        lines.append("    </Variable>")
    return [*lines, "  </Variables>", "</VariableSet>"]


def json_head(book: Book, templates: Templates, sets: Sequence[VariableSet]) -> dict[str, Any]:
    """What the JSON begins with."""
    project = book.story.project
    return {
        "Settings": {
            "set_Localization": "False",
            "set_TextFormatter": "",
            "set_IncludedNodes": _SECTIONS,
            "set_UseScriptSupport": "True",
            "ExportVersion": "1.0",
        },
        "Project": {
            "Name": project.name,
            "DetailName": project.description or "",
            "Guid": book.guid,
            "TechnicalName": identifier(project.slug),
        },
        "GlobalVariables": [_globals(x) for x in sets],
        "ObjectDefinitions": [*model.definitions(), *_template_types(templates)],
    }


def identifier(slug: str) -> str:
    """The technical name of a project."""
    return ascii_identifier(slug) or "project"


def _languages(locales: Sequence[str]) -> Lines:
    lines = []
    for number, locale in enumerate(locales):
        name = culture(locale)
        lines += [
            "    <Language>",
            f"      <IsoName>{name}</IsoName>",
            f"      <DisplayName>{name}</DisplayName>",
            f"      <IsPrimary>{int(number == 0)}</IsPrimary>",
            "      <IsCustom>0</IsCustom>",
            f"      <LanguageId>{127 + number}</LanguageId>",
            "      <IsVoiceOver>0</IsVoiceOver>",
            "    </Language>",
        ]
    return lines


def _globals(one: VariableSet) -> dict[str, Any]:
    return {
        "Namespace": one.name,
        "Description": "",
        "Variables": [
            {"Variable": x.name, "Type": x.type, "Value": x.value, "Description": x.note}
            for x in one.variables
        ],
    }


def _template_types(templates: Templates) -> Iterator[dict[str, Any]]:
    for template in templates.templates.values():
        features = [_feature_type(templates, name) for name in template.features]
        yield {
            "Type": template.name,
            "Class": template.kind,
            "InheritsFrom": template.kind,
            "Template": {
                "TechnicalName": template.name,
                "DisplayName": template.label,
                "Features": features,
            },
        }


def _feature_type(templates: Templates, name: str) -> dict[str, Any]:
    feature = templates.features[name]
    return {
        "TechnicalName": name,
        "DisplayName": feature.label,
        "Properties": [
            {"Property": x, "Type": model.PROPERTY_TYPES[kind], "DisplayName": label}
            for x, kind, label in feature.properties
        ],
        "Constraints": [],
    }
