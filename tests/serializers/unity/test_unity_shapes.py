"""What stories become: one claim a test, on stories of a few nodes."""

from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.domain import localization as l10n
from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.sheets import Avatar
from storyarn_pipelines.serializers.unity.ids import Numbers
from storyarn_pipelines.serializers.unity.rounds import LONGEST_CHAIN
from storyarn_pipelines.story.choices import ScriptedChoices
from tests.serializers.unity.comparing import check
from tests.serializers.unity.json_utility import value_of
from tests.serializers.unity.lua import PluginLua, RealLua
from tests.serializers.unity.memory import ToldStory, export, exported
from tests.serializers.unity.runtime import Conversations, Shown
from tests.story.builders import (
    assign,
    blank,
    block,
    case,
    condition,
    flow,
    line,
    node,
    number,
    response,
    rule,
    sheet,
    story,
    wire,
)

S = sheet(1, "s", number("n", 0), block("b", "boolean", False))
IDS_THAT_DO_NOT_FIT = 2**33


def entries(database: dict[str, Any], place: int = 0) -> dict[str, dict[str, Any]]:
    """The entries of a conversation by title."""
    return {value_of(x, "Title"): x for x in database["conversations"][place]["dialogueEntries"]}


def play(database: dict[str, Any], title: str, *choices: int, code: str = "") -> Shown:
    """A conversation from its start."""
    return Conversations(database, RealLua(), code).play(title, ScriptedChoices(choices))


def said(shown: Shown) -> list[str]:
    """The lines."""
    return [event[2] for event in shown.events if event[0] == "say"]


def same(database: dict[str, Any], told: Any, found: Any, *flows: Flow, seeds: int = 3) -> bool:
    """Whether all flows play the same on both machines."""
    return all(
        check(told, x.id, seed, Conversations(database, machine), found)
        for machine in (RealLua(), PluginLua())
        for x in flows
        for seed in range(seeds)
    )


def test_a_conversation_starts_at_the_entry_that_is_called_start(tmp_path: Path) -> None:
    hostile = line(node(7, "dialogue", text="hello", technical_id="START"))
    database, _ = exported(tmp_path, hostile, sheets=[S])
    first = database["conversations"][0]["dialogueEntries"][0]
    assert (first["id"], value_of(first, "Title")) == (0, "START")
    assert first["isRoot"]
    assert value_of(first, "Actor") == "1"
    assert said(play(database, title(database))) == ["hello"]


def title(database: dict[str, Any], place: int = 0) -> str:
    """The title of a conversation."""
    return value_of(database["conversations"][place], "Title")


def test_only_the_player_is_one_and_a_sheet_of_that_name_is_not(tmp_path: Path) -> None:
    cast = [sheet(1, "p", name="Player"), sheet(2, "q", block("IsPlayer", "boolean", True))]
    database, found = exported(tmp_path, line(), sheets=cast)
    players = [value_of(x, "Name") for x in database["actors"] if value_of(x, "IsPlayer") == "True"]
    assert players == ["Player"]
    assert [x.where for x in found if x.code == "XP0201"] == ["sheet p (Player)"]


@pytest.mark.parametrize("cases", [1, 4, 5, 6, 24, 26, 130])
def test_of_many_cases_the_first_that_holds_is_taken(cases: int, tmp_path: Path) -> None:
    switch = {"blocks": [case(rule("s", "n", "less_than", str(x)), key=f"c{x}")
                         for x in range(1, cases + 1)]}  # fmt: skip
    lines = [node(100 + x, "dialogue", text=f"case {x}") for x in range(1, cases + 1)]
    told = flow(
        [
            node(1, "entry"),
            node(2, "dialogue", text="?", responses=[
                response(f"r{x}", "", assign("s", "n", "set", str(x))) for x in range(cases + 1)
            ]),
            node(3, "condition", switch_mode=True, condition=switch),
            *lines,
            node(99, "dialogue", text="default"),
        ],
        [wire(1, 2), *(wire(2, 3, f"r{x}") for x in range(cases + 1)),
         *(wire(3, 100 + x, f"c{x}") for x in range(1, cases + 1)), wire(3, 99, "default")],
    )  # fmt: skip
    database, _ = exported(tmp_path, told, sheets=[S])
    for chosen in {0, 1, cases - 1, cases}:
        expected = "default" if chosen == cases else f"case {chosen + 1}"
        assert said(play(database, title(database), chosen)) == ["?", expected]


def test_a_branch_that_leads_nowhere_ends_and_the_next_one_is_not_taken(tmp_path: Path) -> None:
    told = flow(
        [node(1, "entry"), node(2, "condition", condition=condition(rule("s", "n", "equals", "0"))),
         node(3, "dialogue", text="wrong")],
        [wire(1, 2), wire(2, 3, "false")],
    )  # fmt: skip
    database, found = exported(tmp_path, told, sheets=[S])
    assert said(play(database, title(database))) == []
    assert next(x.where for x in found if x.code == "XP0105").endswith("condition 2")


def test_a_script_that_makes_another_branch_true_runs_in_its_own_branch_only(
    tmp_path: Path,
) -> None:
    """The true branch spends what the condition asks for."""
    told = flow(
        [node(1, "entry"), node(2, "condition", condition=condition(rule("s", "n", "equals", "0"))),
         node(3, "instruction", assignments=[assign("s", "n", "add", "5")]),
         node(4, "dialogue", text="paid {s.n}"), node(5, "dialogue", text="poor")],
        [wire(1, 2), wire(2, 3, "true"), wire(2, 5, "false"), wire(3, 4)],
    )  # fmt: skip
    database, _ = exported(tmp_path, told, sheets=[S])
    assert said(play(database, title(database))) == ["paid 5"]
    groups = [x for x in database["conversations"][0]["dialogueEntries"] if x["isGroup"]]
    assert groups
    assert not any(x["userScript"] for x in groups)


def nested() -> list[Flow]:
    """Flow 1 calls 2 twice in a row, 2 calls 3; each comes back by its own exits."""
    return [
        flow(
            [node(1, "entry"), node(2, "subflow", referenced_flow_id=20),
             node(3, "dialogue", text="first"), node(4, "subflow", referenced_flow_id="20"),
             node(5, "dialogue", text="left"), node(6, "dialogue", text="right")],
            [wire(1, 2), wire(2, 3), wire(3, 4), wire(4, 5, "exit_24"), wire(4, 6, "exit_25")],
            10,
        ),
        flow(
            [node(21, "entry"), node(22, "subflow", referenced_flow_id=30),
             node(23, "dialogue", text="ask", responses=[response("a"), response("b")]),
             node(24, "exit", exit_mode="caller_return"),
             node(25, "exit", exit_mode="caller_return")],
            [wire(21, 22), wire(22, 23, "exit_33"), wire(23, 24, "a"), wire(23, 25, "b")],
            20,
        ),
        flow(
            [node(31, "entry"), node(32, "dialogue", text="deep"),
             node(33, "exit", exit_mode="caller_return")],
            [wire(31, 32), wire(32, 33)],
            30,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(("choice", "last"), [(0, "left"), (1, "right")])
def test_called_flows_come_back_to_their_caller_by_the_exit_that_was_taken(
    choice: int, last: str, tmp_path: Path
) -> None:
    flows = nested()
    database, found = exported(tmp_path, *flows, sheets=[S])
    shown = play(database, title(database), choice, choice)
    assert said(shown) == ["deep", "ask", "first", "deep", "ask", last]
    assert same(database, story(*flows, sheets=[S]), found, *flows)


def test_a_terminal_exit_ends_everything_and_the_next_start_knows_of_no_caller(
    tmp_path: Path,
) -> None:
    flows = [
        flow([node(1, "entry"), node(2, "subflow", referenced_flow_id=20),
              node(3, "dialogue", text="never")], [wire(1, 2), wire(2, 3)], 10),
        flow([node(21, "entry"), node(22, "dialogue", text="x", responses=[
                 response("a"), response("b")]),
              node(23, "exit"), node(24, "exit", exit_mode="caller_return")],
             [wire(21, 22), wire(22, 23, "a"), wire(22, 24, "b")], 20),
    ]  # fmt: skip
    database, _ = exported(tmp_path, *flows, sheets=[S])
    world = Conversations(database, PluginLua())
    assert said(world.play(title(database), ScriptedChoices([0]))) == ["x"]
    assert said(world.play(title(database, 1), ScriptedChoices([1]))) == ["x"]
    assert said(world.play(title(database), ScriptedChoices([1]))) == ["x", "never"]


def test_going_on_in_another_flow_forgets_the_callers(tmp_path: Path) -> None:
    flows = [
        flow([node(1, "entry"), node(2, "subflow", referenced_flow_id=20),
              node(3, "dialogue", text="never")], [wire(1, 2), wire(2, 3)], 10),
        line(node(22, "exit", exit_mode="flow_reference", referenced_flow_id=30), key=20),
        line(node(31, "dialogue", text="on"), node(32, "exit", exit_mode="caller_return"), key=30),
    ]  # fmt: skip
    database, found = exported(tmp_path, *flows, sheets=[S])
    assert said(play(database, title(database))) == ["on"]
    assert same(database, story(*flows, sheets=[S]), found, *flows)


def test_a_flow_may_call_itself(tmp_path: Path) -> None:
    """Three times down, three times up, each time behind its own call."""
    told = flow(
        [node(1, "entry"), node(2, "instruction", assignments=[assign("s", "n", "add", "1")]),
         node(3, "condition", condition=condition(rule("s", "n", "less_than", "4"))),
         node(4, "subflow", referenced_flow_id=10), node(5, "dialogue", text="up {s.n}"),
         node(6, "instruction", assignments=[assign("s", "n", "subtract", "1")]),
         node(7, "exit", exit_mode="caller_return")],
        [wire(1, 2), wire(2, 3), wire(3, 4, "true"), wire(3, 7, "false"), wire(4, 5, "exit_7"),
         wire(5, 6), wire(6, 7)],
        10,
    )  # fmt: skip
    database, found = exported(tmp_path, told, sheets=[S])
    assert said(play(database, title(database))) == ["up 4", "up 3", "up 2"]
    assert same(database, story(told, sheets=[S]), found, told)


def test_a_flow_that_calls_itself_for_ever_ends(tmp_path: Path) -> None:
    told = line(node(2, "dialogue", text="again"), node(3, "subflow", referenced_flow_id=1))
    database, _ = exported(tmp_path, told, sheets=[S])
    shown = Conversations(database, RealLua(), most_entries=100_000).play(
        title(database), ScriptedChoices()
    )
    assert not shown.endless
    assert len(shown.events) > 1000


LOOPS = {
    "of hubs": ([node(2, "hub"), node(3, "hub")], [wire(1, 2), wire(2, 3), wire(3, 2)]),
    "of conditions": (
        [node(2, "condition"), node(3, "condition"), node(4, "dialogue", text="out")],
        [wire(1, 2), wire(2, 3, "true"), wire(3, 2, "true"), wire(2, 4, "false"),
         wire(3, 4, "false")],
    ),
    "that counts for ever": (
        [node(2, "instruction", assignments=[assign("s", "n", "add", "1")]), node(3, "hub")],
        [wire(1, 2), wire(2, 3), wire(3, 2)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", LOOPS)
def test_a_loop_without_a_line_ends_and_is_told(kind: str, tmp_path: Path) -> None:
    nodes, wires = LOOPS[kind]
    database, found = exported(tmp_path, flow([node(1, "entry"), *nodes], wires), sheets=[S])
    shown = play(database, title(database))
    assert (shown.endless, shown.events) == (False, [])
    assert [x.where.rpartition(" ")[2] for x in found if x.code == "XP0103"] == ["2"]


def test_a_loop_that_counts_to_an_end_comes_there_again_and_again(tmp_path: Path) -> None:
    told = flow(
        [node(1, "entry"), node(9, "hub"),
         node(2, "instruction", assignments=[assign("s", "n", "add", "1")]),
         node(3, "condition", condition=condition(rule("s", "n", "less_than", "60"))),
         node(4, "dialogue", text="{s.n}", responses=[
             response("again", "", assign("s", "n", "set", "-30")), response("over")])],
        [wire(1, 9), wire(9, 2), wire(2, 3), wire(3, 2, "true"), wire(3, 4, "false"),
         wire(4, 9, "again")],
    )  # fmt: skip
    database, found = exported(tmp_path, told, sheets=[S])
    assert said(play(database, title(database), 0, 0, 0, 1)) == ["60"] * 4
    assert [x.code for x in found if x.code == "XP0103"] == ["XP0103"]


def test_a_thousand_hubs_in_a_row_are_no_chain_that_the_plugin_gives_up(tmp_path: Path) -> None:
    hubs = [node(x, "hub") for x in range(2, 1000)]
    told = line(*hubs, node(1001, "dialogue", text="there"))
    database, _ = exported(tmp_path, told, sheets=[S])
    assert said(play(database, title(database))) == ["there"]
    plain = [x for x in database["conversations"][0]["dialogueEntries"] if not x["isGroup"]]
    assert len(plain) == 2 + 1000 // (LONGEST_CHAIN + 1)


def test_ids_stay_when_the_story_grows(tmp_path: Path) -> None:
    def told(*more: int) -> list[Flow]:
        asked = [response(x, "", assign("s", "n", "add", "1")) for x in ("b", *map(str, more), "a")]
        nodes = [node(5, "entry"), node(6, "dialogue", text="?", responses=asked)]
        nodes += [node(x, "dialogue", text=str(x)) for x in more]
        return [flow(nodes, [wire(5, 6)], 3), *nested()]

    before = exported(tmp_path, *told(), sheets=[S])[0]
    after = exported(tmp_path, *told(1, 2, 7), sheets=[sheet(9, "first", number("x")), S])[0]

    def ids(database: dict[str, Any]) -> dict[Any, int]:
        found: dict[Any, int] = {}
        for kind in ("actors", "variables"):
            found |= {(kind, value_of(x, "Name")): x["id"] for x in database[kind]}
        for conversation in database["conversations"]:
            name = value_of(conversation, "Storyarn Flow ID")
            found[name] = conversation["id"]
            for entry in conversation["dialogueEntries"]:
                found[name, value_of(entry, "Title")] = entry["id"]
        return found

    old, new = ids(before), ids(after)
    assert {key: new[key] for key in old} == old
    assert len(new) > len(old)


def test_ids_that_do_not_fit_are_made_from_names(tmp_path: Path) -> None:
    far = IDS_THAT_DO_NOT_FIT
    flows = [
        flow([node(far, "entry"), node(far + 1, "subflow", referenced_flow_id=far + 5),
              node(far + 2, "dialogue", text="back", speaker_sheet_id=far)],
             [wire(far, far + 1), wire(far + 1, far + 2, f"exit_{far + 7}")], far),
        flow([node(far + 6, "entry"), node(far + 7, "exit", exit_mode="caller_return")],
             [wire(far + 6, far + 7)], far + 5),
        flow([node(-4, "entry"), node(-3, "dialogue", text="minus")], [wire(-4, -3)], -1),
    ]  # fmt: skip
    cast = [sheet(far, "s", number("n", 0)), sheet(-7, "t")]
    database, found = exported(tmp_path, *flows, sheets=cast)
    assert said(play(database, title(database))) == ["back"]
    assert same(database, story(*flows, sheets=cast), found, *flows)


def test_numbers_of_one_list_never_meet() -> None:
    numbers = Numbers()
    made = [numbers.made("same") for _ in range(5)] + [numbers.made(str(x)) for x in range(50_000)]
    assert len(set(made)) == len(made)
    assert max(made) < 2**31 - 2**28


def test_what_lies_outside_of_a_partial_export_is_told_and_safe(tmp_path: Path) -> None:
    told = line(node(2, "dialogue", text="hi"), node(3, "subflow", referenced_flow_id=99))
    reader = ToldStory(tmp_path, [told], [S])
    _, found = export(reader, tmp_path, flow_ids=[1])
    assert [x.code for x in found] == ["XP0102"]
    database, found = exported(tmp_path, told, sheets=[S])
    assert said(play(database, title(database))) == ["hi"]
    assert [x.code for x in found] == ["XP0105"]


@pytest.mark.parametrize(
    "told",
    [
        flow([]),
        flow([node(1, "dialogue", text="x")]),
        flow([node(1, "entry")]),
        line(node(2, "jump", target_hub_id="no")),
        line(node(2, "subflow"), node(3, "odd")),
        line(node(2, "dialogue", text="x" * 100_000, responses="no")),
        line(node(2, "condition", switch_mode=True, condition={"blocks": []})),
    ],
)
def test_broken_flows_are_read_whole(told: Flow, tmp_path: Path) -> None:
    database, found = exported(tmp_path, told, sheets=[S])
    play(database, title(database))
    assert found or said(play(database, title(database))) == ["x" * 100_000]


def translated(field: str, text: str, voice: int | None = None) -> l10n.LocalizedString:
    """A final Brazilian translation of a field of node 2."""
    made = blank(
        l10n.Translation, locale_code="pt-br", status="final", translated_text=text,
        source_text_hash="a", translated_source_hash="a", vo_asset_id=voice,
        vo_status="approved" if voice else "none",
    )  # fmt: skip
    return blank(
        l10n.LocalizedString, source_type="flow_node", source_id=2, source_field=field,
        translations=(made,),
    )  # fmt: skip


def test_translations_and_voices_stand_where_the_plugin_reads_them(tmp_path: Path) -> None:
    names = {5: "hel lo.ogg", 6: "oi.ogg", 7: "a.png", 8: "b.png"}
    media = [blank(Media, id=key, filename=name) for key, name in names.items()]
    avatars = tuple(
        blank(Avatar, id=x + 10, asset_id=x, is_default=x == 8, position=x) for x in (7, 8)
    )
    speaker = blank(
        type(S), id=1, shortcut="s", name="Ana", avatars=avatars, blocks=(number("n", 3),)
    )
    told = line(
        node(2, "dialogue", text="<p>Hello {s.n}</p>", audio_asset_id=5, speaker_sheet_id="1",
             avatar_id=17, responses=[response("a", "Yes"), response("b", "No")])
    )  # fmt: skip
    strings = [
        translated("text", "<p>Oi <b>{s.n}</b> [f]</p>", 6),
        translated("response.a.text", "Sim $s.n", 6),
    ]
    database, found = exported(tmp_path, told, sheets=[speaker], strings=strings, media=media)
    entry = entries(database)["dialogue 2"]
    assert value_of(entry, "Dialogue Text") == "[pic=2]Hello [var=s.n]"
    assert value_of(entry, "pt-BR") == "[pic=2]Oi [em1][var=s.n][/em1] \uff3bf]"
    assert value_of(entry, "Sequence") == "AudioWait(hel_lo); Delay({{end}})"
    assert value_of(entry, "Sequence pt-BR") == "AudioWait(oi); Delay({{end}})"
    assert value_of(entry, "VoiceOverFile") == "hel_lo"
    assert value_of(entries(database)["response a"], "Menu Text pt-BR") == "Sim [var=s.n]"
    ana = next(x for x in database["actors"] if value_of(x, "Name") == "Ana")
    assert value_of(ana, "Pictures") == "[b;a]"
    assert [x.code for x in found if x.code == "XP0202"] == ["XP0202"]
    shown = play(database, title(database), code="pt-BR")
    assert shown.events == [("say", "Ana", "Oi 3 \uff3bf]"), ("choose", ["Sim 3", "No"], 0)]
    assert shown.pictures == [2]


def test_release_leaves_out_what_is_not_final_and_preview_takes_it(tmp_path: Path) -> None:
    told = line(node(2, "dialogue", text="Hello"))
    final = translated("text", "Oi")
    draft = blank(
        l10n.LocalizedString, source_type="flow_node", source_id=2, source_field="text",
        translations=(blank(l10n.Translation, locale_code="pt-br", status="draft",
                            translated_text="Oi?"),),
    )  # fmt: skip
    for strings, policy, expected in (
        ([final], "release", b'"value":"Oi"'),
        ([draft], "preview", b'"value":"Oi?"'),
    ):
        reader = ToldStory(tmp_path, [told], [S], strings=strings)
        options = {"localization_policy": policy, "pretty_print": False}
        assert expected in export(reader, tmp_path, **options)[0]
    reader = ToldStory(tmp_path, [told], [S], strings=[draft])
    assert b"Oi?" not in export(reader, tmp_path)[0]


def test_the_original_expressions_stand_beside_the_emitted_ones(tmp_path: Path) -> None:
    asked = response("a", "", assign("s", "n", "add", "2"),
                     when=condition(rule("s", "n", "less_than", "5")))  # fmt: skip
    database, _ = exported(
        tmp_path, line(node(2, "dialogue", text="?", responses=[asked])), sheets=[S]
    )
    entry = entries(database)["response a"]
    assert entry["conditionsString"] == 'Variable["s.n"] < 5'
    assert value_of(entry, "Storyarn Condition") == "s.n < 5"
    assert entry["userScript"] == 'Variable["s.n"] = Variable["s.n"] + 2'
    assert value_of(entry, "Storyarn Instruction") == "s.n += 2"


def test_variables_of_the_export_step_aside_for_those_of_the_story(tmp_path: Path) -> None:
    flows = nested()
    rival = sheet(5, "storyarn", block("calls", "text", "mine"))
    database, found = exported(tmp_path, *flows, sheets=[S, rival])
    assert same(database, story(*flows, sheets=[S, rival]), found, *flows)
