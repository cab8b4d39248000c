"""How Unreal reads the files of an export, written from the rules of its importers.

It shares nothing with the code under test. What Unreal would report in its message box is an error
here: no export may lead to one.
"""

import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import Any

REMOVED = re.compile(r"[\"' ,\r\n\t]")
_MEMBER = re.compile(r"^\t(\S.*\S) ([A-Za-z]\w*)(?: = 0)?;$", re.MULTILINE)
_STRUCT = re.compile(r"Row type of (\w+)\. \*/\nUSTRUCT\(BlueprintType\)\nstruct (\w+) .*?\n\};",
                     re.DOTALL)  # fmt: skip
_ESCAPES = (("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"), ("\\'", "'"), ('\\"', '"'), ("\\\\", "\\"))
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}

Row = dict[str, Any]


class ImportProblem(Exception):
    """What Unreal would complain about."""


@dataclass(frozen=True)
class Text:
    """An FText: where its translations are looked for, and its source."""

    namespace: str
    key: str
    source: str


def parse_csv(text: str) -> list[list[str]]:
    """RFC 4180 as Unreal's parser has it: a cell is quoted only if it begins with a quote."""
    rows: list[list[str]] = []
    row: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == '"':
            cell, at = _quoted_cell(text, at + 1)
        else:
            end = re.compile(r"[,\r\n]|\Z").search(text, at)
            assert end
            cell, at = text[at : end.start()], end.start()
        row.append(cell)
        if text[at : at + 1] == ",":
            at += 1
            if at == len(text) or text[at] in "\r\n":
                row.append("")
            else:
                continue
        if text[at : at + 1] not in ("", "\r", "\n"):
            raise ImportProblem(f"text after a quoted cell: {text[at : at + 20]!r}")
        if row != [""]:
            rows.append(row)
        row = []
        at += 2 if text[at : at + 2] == "\r\n" else 1
    return rows


def _quoted_cell(text: str, at: int) -> tuple[str, int]:
    made = []
    while True:
        end = text.index('"', at)
        made.append(text[at:end])
        if text[end + 1 : end + 2] != '"':
            return "".join(made), end + 1
        made.append('"')
        at = end + 2


def decoded(content: bytes) -> str:
    """A file of text: UTF-8, with or without its mark, up to the first NUL."""
    return content.decode("utf-8-sig").partition("\0")[0]


def sequential(text: str, backwards: bool = False) -> str:
    """The escapes of a string table, one kind after the other."""
    for escape, character in reversed(_ESCAPES) if backwards else _ESCAPES:
        text = text.replace(escape, character)
    return text


class _Literal:
    """Reads the text form of arrays, maps and texts."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise ImportProblem(f"{sign!r} expected at {self.text[self.at :]!r}")

    def take(self, sign: str) -> bool:
        while self.text[self.at : self.at + 1] == " ":
            self.at += 1
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def string(self) -> str:
        self.need('"')
        made = []
        while (letter := self.text[self.at]) != '"':
            if letter == "\\":
                self.at += 1
                letter = _SIMPLE[self.text[self.at]]
            made.append(letter)
            self.at += 1
        self.at += 1
        return "".join(made)

    def strings(self) -> list[str]:
        self.need("(")
        found: list[str] = []
        while not self.take(")"):
            if found:
                self.need(",")
            found.append(self.string())
        return found

    def pairs(self) -> dict[str, str]:
        self.need("(")
        found: dict[str, str] = {}
        while not self.take(")"):
            if found:
                self.need(",")
            key, value = self.strings()
            if key.lower() in {x.lower() for x in found}:
                raise ImportProblem(f"{key!r} is there twice")
            found[key] = value
        return found


class Archive:
    """The parts of an export as Unreal holds them: tables by asset name, rows by name."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.structs = self._structs()
        self.strings = self._string_table("ST_Storyarn")
        self.tables = {
            name: self._table(name) if f"{name}.csv" in self.parts else {} for name in self.structs
        }
        self.graph = json.loads(self.parts["Conversations.json"])

    def _structs(self) -> dict[str, dict[str, str]]:
        """Members with their types, by table, from the C++ header."""
        source = self.parts["StoryarnRows.h"].decode()
        return {
            found[1]: {name: kind for kind, name in _MEMBER.findall(found[0])}
            for found in _STRUCT.finditer(source)
        }

    def _string_table(self, name: str) -> dict[str, str]:
        header, *rows = parse_csv(decoded(self.parts[f"{name}.csv"]))
        assert header[:2] == ["Key", "SourceString"]
        assert rows
        found: dict[str, str] = {}
        for row in rows:
            key, source = row[:2]
            if key in found:
                raise ImportProblem(f"the key {key} is there twice")
            text = sequential(source)
            assert text == sequential(source, backwards=True)
            found[sequential(key)] = text
        return found

    def _table(self, name: str) -> dict[str, Row]:
        """The rows of a table; raises ImportProblem for what Unreal would tell or skip."""
        members = self.structs[name]
        header, *rows = parse_csv(decoded(self.parts[f"{name}.csv"]))
        if header[1:] != list(members):
            raise ImportProblem(f"{name}: {header[1:]} are not {list(members)}")
        found: dict[str, Row] = {}
        taken: set[str] = set()
        for cells in rows:
            if len(cells) != len(header):
                raise ImportProblem(f"{name}: {len(cells)} cells in {cells}")
            row_name = cells[0]
            self._check_row_name(name, row_name, taken)
            kinds = members.items()
            found[row_name] = {
                member: self._value(kind, cell)
                for (member, kind), cell in zip(kinds, cells[1:], strict=True)
            }
        return found

    @staticmethod
    def _check_row_name(table: str, name: str, taken: set[str]) -> None:
        is_bad = REMOVED.search(name) or not 0 < len(name) <= 1023
        if is_bad or name.lower() == "none" or name.lower() in taken:
            raise ImportProblem(f"{table}: the row {name!r} is changed or skipped")
        taken.add(name.lower())

    def _value(self, kind: str, cell: str) -> Any:
        match kind:
            case "FText":
                return self.text(cell)
            case "int32":
                return int(cell)
            case "TArray<FName>" | "TArray<FString>":
                return _whole(cell, "strings") if cell else []
            case "TMap<FString, FString>":
                return _whole(cell, "pairs") if cell else {}
        if kind.startswith("TSoftObjectPtr<") and cell:
            package, _, name = cell.rpartition(".")
            if not re.fullmatch(r"/Game/Storyarn/\w+/\w+", package) or not package.endswith(
                f"/{name}"
            ):
                raise ImportProblem(f"no asset: {cell}")
        return cell

    def text(self, cell: str) -> Text | None:
        """An FText cell; None if it is empty. Plain text would be one too, but is not used."""
        if not cell:
            return None
        reader = _Literal(cell)
        if reader.take("LOCTABLE("):
            path = reader.string()
            reader.need(",")
            key = reader.string()
            reader.need(")")
            assert path == "/Game/Storyarn/ST_Storyarn.ST_Storyarn"
            found = Text("ST_Storyarn", key, self.strings[key])
        else:
            reader.need("NSLOCTEXT(")
            namespace = reader.string()
            reader.need(",")
            key = reader.string()
            reader.need(",")
            found = Text(namespace, key, reader.string())
            reader.need(")")
        if reader.at != len(cell):
            raise ImportProblem(f"text after a text: {cell!r}")
        return found

    def json_table(self, name: str) -> dict[str, Row]:
        """A table from its JSON, which must have the types of the members."""
        members = self.structs[name]
        found: dict[str, Row] = {}
        taken: set[str] = set()
        for item in json.loads(self.parts[f"{name}.json"]):
            self._check_row_name(name, item["Name"], taken)
            assert list(item) == ["Name", *members]
            found[item["Name"]] = {x: self._json(members[x], item[x]) for x in members}
        return found

    def _json(self, kind: str, value: Any) -> Any:
        wanted: type = str
        if kind.startswith("TArray"):
            wanted = list
        elif kind.startswith("TMap"):
            wanted = dict
        elif kind == "int32":
            wanted = int
        if type(value) is not wanted:
            raise ImportProblem(f"{value!r} is not a {kind}")
        return self.text(str(value)) if kind == "FText" else value

    def translations(self, culture: str) -> dict[tuple[str, str], tuple[str, str]]:
        """Source and translation by namespace and key, from the PO of a culture."""
        content = self.parts[f"Localization/Game/{culture}/Game.po"].decode("utf-8")
        found: dict[tuple[str, str], tuple[str, str]] = {}
        for entry in content.split("\n\n")[1:]:
            fields = dict(
                line.split(" ", 1) for line in entry.split("\n") if line and line[0] not in '#"'
            )
            namespace, key = _whole(fields["msgctxt"], "string").split(",", 1)
            texts = (_whole(fields["msgid"], "string"), _whole(fields["msgstr"], "string"))
            assert (namespace, key) not in found
            found[namespace, key] = texts
        return found


def _whole(cell: str, how: str) -> Any:
    reader = _Literal(cell)
    found = getattr(reader, how)()
    if reader.at != len(cell):
        raise ImportProblem(f"something follows in {cell!r}")
    return found
