"""Scripts play in Storyarn as in Yarn Spinner."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.story.choices import SeededChoices
from tests.imports.yarn.drafting import Drafted, said, script, with_ids
from tests.serializers.yarn.engine import Yarn, running_yarn


@pytest.fixture(scope="module")
def yarn() -> Iterator[Yarn]:
    """Node with the model; without Node the test is skipped."""
    with running_yarn() as found:
        yield found


def in_yarn(played: Mapping[str, Any]) -> list[str]:
    """What the model's reader meets."""
    found = []
    for event in played["events"]:
        if "options" in event:
            found += [" | ".join(event["options"])] if event["options"] else []
        elif event["type"] == "line" and event["text"]:
            who = event["speaker"]
            found.append(f"{who}: {event['text']}" if who else event["text"])
    return found


STORIES = {
    "lines": script("""
Bob: Hello, world!
A line without anybody. // a comment
// only a comment
Old Bob: [b]Bold[/b] and [i]slanted[/i], [wave]odd[/wave] \\[kept\\] \\{braces\\}
A tag \\#not and a colon\\: here
Names: {"->"} and {1 + 2} and {"a" + "b"}
-> One
-> Two
"""),
    "nested options": script("""
First
-> A
    In A
    -> A1
        deep 1
        -> A1x
            deepest
        -> A1y
    -> A2
        deep 2
    after A
-> B
    In B
-> C
Last
-> D
-> E
"""),
    "a blank line ends an option": script("""
Choose
-> A
    inside

    outside
-> B
end
"""),
    "conditions": script("""
<<declare $n = 3>>
<<declare $b = false>>
<<declare $s = "x">>
<<if $n > 2 and not $b or $s == "y">>
one
<<elseif $n is 3>>
two
<<else>>
three
<<endif>>
<<if $n >= 3 xor $b>>
xor
<<endif>>
<<if not ($n == 3)>>
never
<<else>>
<<if $b == ($n < 2)>>
equal
<<endif>>
<<endif>>
<<if $s != "x">>
no
<<elseif $s neq "y">>
yes
<<endif>>
Conditional line <<if $n lt 3>>
Other line <<if $n lte 3>>
"""),
    "changes": script("""
<<declare $a = 1>>
<<declare $c = 2.5>>
<<declare $b = true>>
<<declare $t = "">>
<<set $a to $a + 4>>
<<set $c -= $a>>
{$a} {$c}
<<set $a = 10 - $a>>
<<set $c = $a * 3 - $c>>
{$a} {$c} and {$a - 2} and {$c + $a}
<<set $b to not $b>>
flag <<if $b>>
<<set $b to $a > 4>>
flag <<if $b>>
<<set $t to "hi">>
<<set $s to $t>>
say {$s}
<<set $t to "">>
empty <<if $t == "">>
({$t})
<<set $a to min(max($a - 20, 0), 100)>>
{$a}
"""),
    "two variables": script("""
<<declare $gold = 5>>
<<declare $price = 5>>
-> pay <<if $gold >= $price>>
    <<set $gold -= $price>>
    paid
-> cheap <<if $gold > $price + 1>>
-> leave
left {$gold}
<<if $gold + $price < 6>>
poor
<<endif>>
<<if $gold * 2 == $price>>
odd
<<endif>>
"""),
    "options refused": script("""
<<declare $n = 0>>
Line
-> never <<if $n > 0>>
-> nor this <<if $n > 1>>
behind
-> only
    alone
-> hidden <<if $n > 0>>
-> x <<if $n > 5>>
end
"""),
    "jumps": script("""
start
-> go
    <<jump Two>>
-> stay
staying
<<jump Three>>
never said
""") + script("""
two
<<jump Start>>
""", "Two") + script("""
three
<<stop>>
""", "Three"),
    "a node that jumps to itself": script("""
<<declare $i = 0>>
<<set $i += 1>>
round {$i}
<<if $i < 4>>
<<jump Start>>
<<endif>>
done
"""),
    "detours": script("""
a
<<detour Side>>
b
<<detour Side>>
c
""") + script("""
<<declare $k = 0>>
<<set $k += 1>>
side {$k}
<<if $k == 1>>
<<return>>
<<endif>>
second time
<<detour Deep>>
back in side
""", "Side") + script("""
deep
-> back
-> for good
    <<jump Elsewhere>>
""", "Deep") + script("elsewhere", "Elsewhere"),
    "once": script("""
<<declare $i = 0>>
<<set $i += 1>>
<<once>>
only once {$i}
<<else>>
again {$i}
<<endonce>>
<<once if $i > 1>>
when more
<<endonce>>
Hello <<once>>
-> option <<once>>
    taken
-> more <<if $i < 4>>
    more
-> end
    <<stop>>
<<jump Start>>
"""),
    "visits": script("""
<<if visited("Start")>>
been here {visited_count("Start")}
<<endif>>
<<if visited_count("Start") < 3 and not visited("Never")>>
<<jump Start>>
<<endif>>
<<detour Other>>
<<if visited("Other")>>
other
<<endif>>
""") + script("o", "Other") + script("n", "Never"),
    "enums and smart variables": script("""
<<enum Mood>>
<<case Happy>>
<<case Sad>>
<<endenum>>
<<enum Word>>
<<case A = "alpha">>
<<case B = "beta">>
<<endenum>>
<<declare $mood = Mood.Happy>>
<<declare $word = Word.B>>
<<declare $rich = $gold > 3>>
<<declare $gold = 4>>
<<declare $double = $gold + $gold>>
<<if $mood == .Happy>>
happy
<<endif>>
<<set $mood to Mood.Sad>>
sad <<if $mood == Mood.Sad>>
beta <<if $word == Word.B>>
rich {$double} <<if $rich>>
<<set $gold = 1>>
rich <<if $rich>>
poor {$double} <<if not $rich and $double < 3>>
"""),
    "a line group": script("""
=> <<if false>>
""".replace("=> <<if false>>", """
<<declare $x = false>>
=> conditional <<if $x>>
    sub
=> plain
    below
after
""")),
    "node groups": script("""
<<declare $x = true>>
<<detour Talk>>
<<jump Talk>>
""") + script("one {$x == false}".replace(" {$x == false}", ""), "Talk", "when: not $x\n")
    + script("two\n-> a\n-> b", "Talk", "when: once if $x\n")
    + script("three", "Talk", "when: always\n"),
    "version 2": script("""
Player: Hey, Sally. #line:01
Sally: Oh! Hi. #line:02
<<if visited("Sally_Watch") == false>>
    -> Anything exciting happen on your watch? #line:03
        <<jump Sally_Watch>>
<<endif>>
<<if $sally_warning and !visited("Sally_Sorry")>>
    -> Sorry about the console. #line:04
        <<jump Sally_Sorry>>
<<endif>>
-> See you later. #line:05
    Sally: See you! #line:06
""", "Start", "tags: a b\ncolorID: 0\nposition: 512,600\n") + script("""
Sally: Not really. #line:10
<<set $sally_warning to true>>
<<jump Start>>
""", "Sally_Watch") + script("""
Sally: Fine. #line:11
<<set $sally_warning = false>>
""", "Sally_Sorry"),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_script_plays_as_in_yarn_spinner(yarn: Yarn, tmp_path: Path, name: str) -> None:
    text = with_ids(STORIES[name])
    loaded = yarn.load({"a.yarn": text})
    assert loaded["errors"] == []
    drafted = Drafted({"a.yarn": text}, tmp_path)
    for seed in range(12):
        played = yarn.play("Start", loaded["strings"], seed)
        assert played["errors"] == []
        trace = drafted.play("start", choices=SeededChoices(seed))
        assert said(trace) == in_yarn(played), drafted.notes
        assert trace["events"][-1]["end"] != "dead_end"
