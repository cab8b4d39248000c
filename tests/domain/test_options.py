"""One definition of the options serves texts, JSON values and hashes alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.domain.options import (
    ExportOptions,
    option_help,
    option_names,
    parse_options,
)
from storyarn_pipelines.errors import OptionError, UsageError

SPECIFIED = {
    "version",
    "include_sheets",
    "include_flows",
    "include_scenes",
    "include_localization",
    "include_assets",
    "languages",
    "flow_ids",
    "sheet_ids",
    "validate_before_export",
    "pretty_print",
}
ADDED = {"scene_ids", "localization_policy", "include_trash", "godot_output"}


def test_every_field_of_the_specification_is_there_with_help() -> None:
    assert set(option_names()) == SPECIFIED | ADDED
    assert set(option_help()) == SPECIFIED | ADDED
    assert all(option_help().values())


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("include_flows", "false", False),
        ("include_flows", "ON", True),
        ("include_flows", "0", False),
        ("flow_ids", "14,12, 12", (12, 14)),
        ("flow_ids", "all", None),
        ("flow_ids", ["12", 14], (12, 14)),
        ("flow_ids", 12, (12,)),
        ("flow_ids", "", ()),
        ("languages", "es,pt-br", ("es", "pt-br")),
        ("languages", None, None),
        ("include_assets", "bundled", "bundled"),
        ("localization_policy", "preview", "preview"),
        ("godot_output", "json", "json"),
        ("version", "1.0.0", "1.0.0"),
    ],
)
def test_a_text_or_json_value_becomes_the_typed_value(
    name: str, text: object, value: object
) -> None:
    assert getattr(parse_options({name: text}), name) == value


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("include_flows", "perhaps", "true or false"),
        ("include_assets", "zip", "references, embedded, bundled"),
        ("include_assets", 3, "references, embedded, bundled"),
        ("localization_policy", "", "release, preview"),
        ("godot_output", "tres", "both, dialogic, json"),
        ("flow_ids", "12,x", "'all' or ids"),
        ("flow_ids", "-1", "'all' or ids"),
        ("flow_ids", "1); DROP TABLE flows; --", "'all' or ids"),
        ("flow_ids", [True], "'all' or ids"),
        ("flow_ids", "9223372036854775808", "'all' or ids"),
        ("flow_ids", [1.5], "'all' or ids"),
        ("flow_ids", {"a": 1}, "'all' or ids"),
        ("languages", "es,EN", "locale codes"),
        ("languages", "es'; --", "locale codes"),
        ("languages", [7], "locale codes"),
        ("version", "2.0.0", "1.0.0"),
    ],
)
def test_a_bad_value_names_the_field_the_value_and_what_is_allowed(
    name: str, value: object, allowed: str
) -> None:
    with pytest.raises(OptionError) as raised:
        parse_options({name: value})
    message = str(raised.value)
    assert name in message
    assert allowed in message
    assert "\n" not in message


def test_an_unknown_option_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"option colour does not exist.*pretty_print"):
        parse_options({"colour": "red"})


ids = st.none() | st.lists(st.integers(0, 2**63 - 1), max_size=5)
option_values = st.fixed_dictionaries(
    {},
    optional={
        "include_sheets": st.booleans(),
        "include_assets": st.sampled_from(["references", "embedded", "bundled"]),
        "flow_ids": ids,
        "scene_ids": ids,
        "languages": st.none() | st.lists(st.sampled_from(["es", "de", "pt-br"])),
        "include_trash": st.booleans(),
        "godot_output": st.sampled_from(["both", "dialogic", "json"]),
    },
)


@given(option_values)
def test_options_survive_their_json_form(raw: dict[str, object]) -> None:
    options = parse_options(raw)
    again = parse_options(options.as_dict())
    assert again == options
    assert again.digest() == options.digest()


@given(option_values, option_values)
def test_only_equal_options_have_equal_digests(
    left: dict[str, object], right: dict[str, object]
) -> None:
    one, other = parse_options(left), parse_options(right)
    assert (one.digest() == other.digest()) == (one == other)


@pytest.mark.parametrize(
    ("changes", "selects"),
    [
        ({}, False),
        ({"languages": ("es",)}, False),
        ({"include_trash": True}, False),
        ({"flow_ids": ()}, True),
        ({"scene_ids": (1,)}, True),
        ({"include_localization": False}, True),
    ],
)
def test_ids_and_sections_are_a_selection_but_languages_are_not(
    changes: dict[str, object], selects: bool
) -> None:
    assert ExportOptions().only(**changes).selects is selects
