"""A model of Dialogic 2: its parser of timelines, and its player, driven by exported files."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from storyarn_pipelines.story.choices import SeededChoices
from tests.serializers.godot.expression import ExpressionError, evaluated, literal, shown

_EVENTS = (
    ("set", re.compile("set")), ("call", re.compile("do")), ("jump", re.compile("jump")),
    ("label", re.compile("label")), ("character", re.compile("join|leave|update")),
    ("audio", re.compile("audio")), ("else", re.compile("else")),
    ("if", re.compile(r"if( |$)")), ("elif", re.compile(r"elif( |$)")),
    ("choice", re.compile("-")), ("comment", re.compile("#")), ("return", re.compile("return$")),
    ("shortcode", re.compile(
        r"\[(wait|wait_input|end_timeline|voice|clear|save|history|text_input|style|background"
        r"|signal|music|sound)[ \]]"
    )),
    ("end_branch", re.compile("<<END BRANCH>>")),
)  # fmt: skip
_OPENERS = frozenset({"choice", "if", "elif", "else"})
_CHOICE = re.compile(
    r"- (?P<text>(?:\\\||[^|])*?)\s*(?:\|\s*(?:\[if(?P<if>(?:[^\]\[]|\[[^\]]*\])+)\])?.*)?$"
)
_SET = re.compile(r"set(?P<name>[^=+\-*/]*)(?P<sign>=|\+=|-=|\*=|/=)(?P<value>.*)$", re.DOTALL)
_SPEAKER = re.compile(
    r'(?:(?P<name>[^(: \n"]*)|"(?P<quoted>[^"\n]*)")(?:\W*(?P<portrait>\(.*\)))?\s*(?<!\\):'
)
_AUDIO = re.compile(r'audio (?P<channel>[\w-]{2,}) (?:-|"(?P<path>[^"]*)")(?: \[(?P<more>.*)\])?$')
_BACKGROUND = re.compile(r'\[background(?: arg="(?P<path>[^"]*)")?\]$')
_VALUE = re.compile(r"(?<!\\)\{((?:[^{}]|\{[^}]*\})*)\}")
_NAME = re.compile(r"\{([^{}]*)\}")
_TAG = re.compile(r"\[/?(?:b|i|u|s|code)\]|\[lb\]|\[br\]|\[char=([0-9A-F]+)\]")


@dataclass(slots=True)
class Event:
    """An event; ``end`` is the index of the end branch of one that contains others."""

    kind: str
    text: str
    key: str = ""
    end: int = 0
    opener: int = 0


def parsed(source: str) -> list[Event]:
    """A timeline's events, with the end branches that Dialogic puts in."""
    events: list[Event] = []
    open_: list[int] = []

    def close() -> None:
        opener = open_.pop()
        events[opener].end = len(events)
        events.append(Event("end_branch", "", opener=opener))

    for line in source.split("\n"):
        text = line.strip(" \t\r")
        if not text:
            continue
        depth = len(line) - len(line.lstrip("\t"))
        assert not line.startswith(" "), "indentation is by tabs"
        assert depth <= len(open_), f"nothing opened this branch: {line!r}"
        while len(open_) > depth:
            close()
        kind = next((name for name, test in _EVENTS if test.match(text)), "text")
        key = ""
        if kind in ("text", "choice"):
            text, _, key = text.partition("#id:")
        events.append(Event(kind, text.strip(" \t"), key))
        if kind in _OPENERS:
            open_.append(len(events) - 1)
    while open_:
        close()
    return events


@dataclass
class Game:
    """A game with some exported files; ``errors`` are what Dialogic would print."""

    timelines: Mapping[str, list[Event]]
    characters: Mapping[str, str]
    first: Mapping[str, Any]
    translations: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: Mapping[str, bytes]) -> "Game":
        """The game of an artifact, found through its project file."""
        project = parts["project.godot"].decode("utf-8")

        def setting(name: str) -> Any:
            start = project.index(f"\n{name}=") + len(name) + 2
            return json.JSONDecoder().raw_decode(project, start)[0]

        def file(path: str) -> str:
            return parts[path.removeprefix("res://")].decode("utf-8")

        timelines = setting("directories/dtl_directory")
        names = {}
        for key, path in setting("directories/dch_directory").items():
            found = re.search(r'^"display_name": (".*"),$', file(path), re.M)
            assert found
            names[key] = json.loads(found[1])
        events = {key: parsed(file(path)) for key, path in timelines.items()}
        return cls(events, names, setting("variables"))


class Play:
    """One play. ``events`` are what was said and offered; ``errors`` what would be printed."""

    def __init__(self, game: Game, seed: int, most: int = 20_000) -> None:
        self.game, self.most = game, most
        self.choices = SeededChoices(seed)
        self.values: dict[str, Any] = {}
        self._fill("", game.first)
        self.events: list[tuple[Any, ...]] = []
        self.errors: list[str] = []
        self.stack: list[tuple[str, int]] = []
        self.deepest = 0
        self.ended = False
        self.background = ""
        self.heard: dict[str, str] = {}
        self.started: list[str] = []
        """Every sound that began, by its events."""
        self.stages: list[tuple[str, dict[str, str]]] = []
        """What was seen and heard at each line."""

    def _fill(self, path: str, folder: Mapping[str, Any]) -> None:
        for name, value in folder.items():
            if isinstance(value, dict):
                self._fill(f"{path}{name}.", value)
            else:
                self.values[f"{path}{name}"] = value

    def run(self, timeline: str) -> "Play":
        """Play a timeline from its start to the end of the dialog."""
        self.timeline, position = timeline, 0
        for _ in range(self.most):
            events = self.game.timelines[self.timeline]
            if self.ended or position >= len(events):
                self.ended = True
                return self
            position = self._step(events, position)
        return self

    def _step(self, events: list[Event], position: int) -> int:
        event = events[position]
        match event.kind:
            case "text":
                self._say(event)
            case "choice":
                return self._ask(events, position)
            case "if" | "elif" | "else":
                return self._branch(events, position)
            case "end_branch":
                return _behind(events, event.opener)
            case "set":
                self._set(event.text)
            case "jump":
                return self._jump(event.text, position)
            case "return":
                self.timeline, back = self.stack.pop()
                return back + 1
            case "shortcode" if event.text == "[end_timeline]":
                self.ended = True
            case "audio":
                self._play(event.text)
            case "shortcode" if found := _BACKGROUND.match(event.text):
                self.background = found["path"] or ""
            case "comment" | "label" | "shortcode":
                pass
            case _:
                self.errors.append(f"unexpected event: {event.text}")
        return position + 1

    def _jump(self, text: str, position: int) -> int:
        self.stack.append((self.timeline, position))
        self.deepest = max(self.deepest, len(self.stack))
        target, slash, label = text.removeprefix("jump ").rpartition("/")
        if slash:
            assert target in self.game.timelines, f"no timeline {target}"
            self.timeline = target
        label = self._with_values(label)
        for index, event in enumerate(self.game.timelines[self.timeline]):
            if event.kind == "label" and event.text == f"label {label}":
                return index
        self.errors.append(f"no label {label}")
        return position + 1

    def _say(self, event: Event) -> None:
        text = event.text.removeprefix("\\")
        speaker = None
        found = _SPEAKER.match(text)
        if found:
            key = found["name"] or found["quoted"]
            assert key in self.game.characters, f"made up: {key}"
            speaker = self.game.characters[key]
            text = text[found.end() :].strip()
        text = text.replace("\\:", ":")
        if text:
            shown_text = self._shown(self._with_values(text))
            self.events.append(("say", speaker, folded(shown_text)))
            self.stages.append((self.background, dict(self.heard)))

    def _shown(self, text: str) -> str:
        if re.search(r"<[^<>]*/[^<>]*>", text):
            self.errors.append(f"a random pick: {text}")

        def tag(found: re.Match[str]) -> str:
            if found[1]:
                return chr(int(found[1], 16))
            return {"[lb]": "[", "[br]": "\n"}.get(found[0], "")

        return _TAG.sub(tag, text)

    def _ask(self, events: list[Event], position: int) -> int:
        usable: list[tuple[int, str]] = []
        index = position
        while index < len(events) and events[index].kind == "choice":
            found = _CHOICE.match(events[index].text)
            text, condition = (found["text"], found["if"]) if found else ("", None)
            if condition is None or self._holds(condition):
                usable.append((index, self._with_values(text).replace("[br]", "\n").strip()))
            index = events[index].end + 1
        if not usable:
            self.errors.append("invalid question")
            return index
        texts = [folded(text) for _, text in usable]
        if any(re.search(r"<[^<>]*/[^<>]*>|\[if", text) for text in texts):
            self.errors.append(f"a choice with markup: {texts}")
        chosen = self.choices.pick(0, texts) if len(texts) > 1 else 0
        self.events.append(("choose", tuple(texts), chosen))
        return usable[chosen][0] + 1

    def _branch(self, events: list[Event], position: int) -> int:
        while True:
            event = events[position]
            if event.kind == "else":
                return position + 1
            assert event.text.endswith(":")
            if self._holds(event.text.removesuffix(":").partition(" ")[2]):
                return position + 1
            position = event.end + 1
            if position >= len(events) or events[position].kind not in ("elif", "else"):
                return position

    def _set(self, text: str) -> None:
        found = _SET.match(text)
        assert found, text
        assert found["sign"] == "=", text
        name = found["name"].strip().replace("{", "").replace("}", "")
        value = found["value"].strip()
        quotes = value.count('"') - value.count('\\"')
        if value.startswith('"') and value.endswith('"') and quotes == 2:
            value = '"' + value.replace('"', "") + '"'
        result = self._computed(value)
        if result is None or name not in self.values:
            self.errors.append(f"nothing is set: {text}")
            return
        self.values[name] = result

    def _play(self, text: str) -> None:
        found = _AUDIO.match(text)
        assert found, text
        self.heard.pop(found["channel"], None)
        if found["path"]:
            self.heard[found["channel"]] = found["path"]
            self.started.append(text)

    def _holds(self, condition: str) -> bool:
        return bool(self._computed(condition))

    def _computed(self, source: str) -> Any:
        for word in ("range(", "len(", "regex("):
            source = source.replace(word, f"d_{word}")
        for found in _NAME.finditer(source):
            if found[1] not in self.values:
                self.errors.append(f"no variable {found[1]}")
                return None
            source = source.replace(found[0], literal(self.values[found[1]]))
        try:
            return evaluated(source)
        except (ExpressionError, KeyError, TypeError, IndexError) as error:
            self.errors.append(f"{source}: {error}")
            return None

    def _with_values(self, text: str) -> str:
        done = text.replace("\\{", "{")
        for found in _VALUE.finditer(text):
            inner = found[1]
            value = self.values[inner] if inner in self.values else self._computed(inner)
            done = done.replace(f"{{{inner}}}", "<NOT FOUND>" if value is None else shown(value))
        return done


def _behind(events: list[Event], opener: int) -> int:
    """Behind a branch, and behind the others of its question or condition."""
    group = ("choice",) if events[opener].kind == "choice" else ("elif", "else")
    index = events[opener].end + 1
    while index < len(events) and events[index].kind in group:
        index = events[index].end + 1
    return index


def folded(text: str) -> str:
    """Without line breaks, double blanks, and signs that are not seen."""
    return " ".join(text.replace("\u200b", "").split())
