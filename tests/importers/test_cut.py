"""The cutter: every value once, under its pointer, in flat memory; everything else refused."""

import io
import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.cut import Piece, cut
from storyarn_pipelines.importers.window import MAX_DEPTH, MAX_NAME_BYTES

LISTS = ("pages", "sheets", "flows", "maps", "scenes")
NASTY = st.text(st.sampled_from('"\\{}[],: \n/~ué😀\x1f'), max_size=12)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
TEXTS = NASTY | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
ROWS = st.lists(VALUES, max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A document whose sections have the types that they must have, in any order."""
    strings = st.dictionaries(TEXTS, VALUES, max_size=5) | ROWS
    localization = st.fixed_dictionaries(
        {}, optional={"languages": ROWS, "strings": strings, "glossary": ROWS}
    )
    found: dict[str, Any] = draw(st.dictionaries(TEXTS, VALUES, max_size=3))
    found |= draw(
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(LISTS, ROWS)
            | {
                "project": VALUES,
                "localization": st.builds(
                    lambda a, b: {**a, **b}, st.dictionaries(NASTY, VALUES), localization
                ),
                "assets": st.fixed_dictionaries({}, optional={"items": ROWS, "mode": VALUES}),
            },
        )
    )
    names = draw(st.permutations(list(found)))
    return {name: found[name] for name in names}


def spaced(value: Any, rng: random.Random, ascii_only: bool) -> str:
    """JSON with random blanks around every token."""

    def blank() -> str:
        return "".join(rng.choices(" \t\r\n", k=rng.choice((0, 0, 1, 3))))

    def write(x: Any) -> str:
        if isinstance(x, dict):
            members = (f"{write(k)}:{write(v)}" for k, v in x.items())
            return f"{blank()}{{{','.join(members) or blank()}}}{blank()}"
        if isinstance(x, list):
            return f"{blank()}[{','.join(map(write, x)) or blank()}]{blank()}"
        return blank() + json.dumps(x, ensure_ascii=ascii_only) + blank()

    return write(value)


def token(name: str) -> str:
    """A name in a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def expected(document: dict[str, Any]) -> Iterator[tuple[str, str, int | None, Any]]:
    """Pointer, key, index and value of every piece, by the rules and without a cutter."""

    def listed(pointer: str, key: str, values: list[Any]) -> Iterator[Any]:
        for index, value in enumerate(values):
            yield f"{pointer}/{index}", key, index, value

    for key, value in document.items():
        if key in LISTS:
            yield from listed(f"/{key}", key, value)
        elif key not in ("localization", "assets"):
            yield f"/{token(key)}", key, None, value
        else:
            for name, inner in value.items():
                pointer = f"/{key}/{token(name)}"
                if isinstance(inner, list):
                    yield from listed(pointer, f"{key}/{name}", inner)
                elif isinstance(inner, dict):
                    for member, x in inner.items():
                        yield f"{pointer}/{token(member)}", f"{key}/{name}/{member}", None, x
                else:
                    yield pointer, f"{key}/{name}", None, inner


def pieces(text: bytes, block_bytes: int = 1 << 18, **limits: int) -> list[Piece]:
    return list(cut(io.BytesIO(text), "x.json", block_bytes=block_bytes, **limits))


@settings(max_examples=100, deadline=None)
@given(documents(), st.integers(0, 2**32), st.integers(1, 64), st.booleans())
def test_pieces_are_the_values_of_the_document_whatever_its_blanks_and_the_blocks(
    document: dict[str, Any], seed: int, block_bytes: int, ascii_only: bool
) -> None:
    texts = [
        json.dumps(document, ensure_ascii=ascii_only, separators=(",", ":")),
        json.dumps(document, ensure_ascii=ascii_only, indent=2) + "\n",
        spaced(document, random.Random(seed), ascii_only),
    ]
    wanted = list(expected(document))
    for text in texts:
        raw = text.encode()
        found = pieces(raw, block_bytes)
        assert [(p.pointer, p.key, p.index, json.loads(p.raw)) for p in found] == wanted
        assert all(raw[p.offset : p.offset + len(p.raw)] == p.raw for p in found)
        assert all(p.raw == p.raw.strip() for p in found)


@settings(max_examples=150, deadline=None)
@given(documents(), st.data(), st.integers(1, 64))
def test_a_damaged_document_is_never_cut_into_pieces_that_are_all_valid(
    document: dict[str, Any], data: st.DataObject, block_bytes: int
) -> None:
    """Only a text that is still a JSON object may pass; the pieces' readers find the rest."""
    raw = bytearray(json.dumps(document, ensure_ascii=False).encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    new = data.draw(st.sampled_from([b"", b'"', b"\\", b"{", b"]", b",", b":", b"\xff", b"1"]))
    raw[place : place + data.draw(st.integers(0, 2))] = new
    try:
        values = [json.loads(p.raw) for p in pieces(bytes(raw), block_bytes)]
    except (ImportFileError, ValueError):
        return
    whole = json.loads(raw)
    assert isinstance(whole, dict)
    assert values == [value for *_, value in expected(whole)]


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 1 << 18])
@pytest.mark.parametrize("run", [0, 1, 2, 3, 4, 7, 64, 65])
def test_runs_of_backslashes_across_blocks_neither_open_nor_close_texts(
    run: int, block_bytes: int
) -> None:
    name = "\\" * run + '"{['
    document = {"a": name, "flows": [{name: name + "}]"}], "localization": {"strings": {name: 1}}}
    found = pieces(json.dumps(document).encode(), block_bytes)
    assert [json.loads(p.raw) for p in found] == [name, {name: name + "}]"}, 1]
    assert found[-1].key == f"localization/strings/{name}"


DEEP = "[" * MAX_DEPTH + "]" * MAX_DEPTH


@pytest.mark.parametrize("block_bytes", [1, 5, 1 << 18])
@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "byte 0", "truncated"),
        ("  ", "byte 2", "truncated"),
        ("[]", "byte 0", "expected '{', found '['"),
        ("{", "byte 1", "truncated"),
        ('{"a', "byte 3", "truncated"),
        ('{"a"', "/a, byte 4", "truncated"),
        ('{"a":', "/a, byte 5", "truncated"),
        ('{"a":1', "/a, byte 6", "truncated"),
        ('{"a":"b', "/a, byte 7", "truncated"),
        ('{"a":"b\\"', "/a, byte 9", "truncated"),
        ('{"flows":[', "/flows/0, byte 10", "truncated"),
        ('{"flows":[{"x":[{}]}', "/flows/0, byte 20", "truncated"),
        ('{"flows":[{"x":[{}]', "/flows/0, byte 19", "truncated"),
        ('{"a":1}x', "byte 7", "expected the end of the file, found 'x'"),
        ('{"a":1}{"a":1}', "byte 7", "the end of the file, found '{'"),
        ('{"a":1}}', "byte 7", "the end of the file, found '}'"),
        ('{"a":1]', "/a, byte 6", "expected ',' or '}', found ']'"),
        ('{"a":[1}}', "/a, byte 7", "'[' is closed by '}'"),
        ('{"flows":[{]]}', "/flows/0, byte 11", "'{' is closed by ']'"),
        ('{"a":1 "b":2}', "/a, byte 7", "expected ',' or '}', found '\"'"),
        ('{"a":1,}', "byte 7", "expected a name in quotes, found '}'"),
        ('{,"a":1}', "byte 1", "expected a name in quotes, found ','"),
        ('{"a" 1}', "/a, byte 5", "expected ':', found '1'"),
        ('{"a":}', "/a, byte 5", "expected a value, found '}'"),
        ('{"a":,}', "/a, byte 5", "expected a value, found ','"),
        ("{a:1}", "byte 1", "expected a name in quotes, found 'a'"),
        ('{"a":\\"b"}', "/a, byte 5", "expected a value, found '\\\\'"),
        ('{"a":\xa01}', "/a, byte 5", "expected a value, found '\\xc2'"),
        ('{"flows":[1,]}', "/flows/1, byte 12", "expected a value, found ']'"),
        ('{"flows":[,1]}', "/flows/0, byte 10", "expected a value, found ','"),
        ('{"flows":[1 2]}', "/flows/0, byte 12", "expected ',' or ']', found '2'"),
        ('{"flows":[{}{}]}', "/flows/0, byte 12", "expected ',' or ']', found '{'"),
        ('{"flows":[1}', "/flows/0, byte 11", "expected ',' or ']', found '}'"),
        ('{"pages":{}}', "/pages, byte 9", "expected '[', found '{'"),
        ('{"pages":null}', "/pages, byte 9", "expected '[', found 'n'"),
        ('{"assets":[]}', "/assets, byte 10", "expected '{', found '['"),
        ('{"assets":{"items":{}}}', "/assets/items, byte 19", "expected '[', found '{'"),
        ('{"localization":{"strings":1}}', "/localization/strings, byte 27", "expected '{'"),
        ('{"localization":{"strings":{"a":}}}', "/localization/strings/a, byte 32", "a value"),
        ('{"a":1,"a":2}', "/a, byte 7", "the same name stands there twice"),
        ('{"a":1,"\\u0061":2}', "/a, byte 7", "the same name stands there twice"),
        ('{"b":1,"a":2,"b":3}', "/b, byte 13", "the same name stands there twice"),
        ('{"assets":{"mode":1,"mode":1}}', "/assets/mode, byte 20", "twice"),
        (
            '{"localization":{"strings":{"k~/":1,"k~/":2}}}',
            "/localization/strings/k~0~1, byte 36",
            "twice",
        ),
        ('{"a\nb":1}', "byte 1", "a name is no valid JSON"),
        ('{"a\\qb":1}', "byte 1", "a name is no valid JSON"),
        ('{"\\ud800":1}', "byte 1", "a name is no valid JSON"),
        ('{"flows":[' + DEEP + "]}", f"/flows/0, byte {10 + MAX_DEPTH - 2}", "nests deeper"),
        ('{"flows":[0,' + "[" * 2000, f"/flows/1, byte {12 + MAX_DEPTH - 2}", "nests deeper"),
        ('{"flows":[[[]],' + DEEP, f"/flows/1, byte {15 + MAX_DEPTH - 2}", "nests deeper"),
        ('{"' + "n" * MAX_NAME_BYTES + '":1}', "byte 1", "larger than 65,536 bytes"),
    ],
    ids=lambda x: str(x)[:40],
)
def test_what_is_no_native_json_is_refused_with_pointer_and_offset(
    text: str, place: str, reason: str, block_bytes: int
) -> None:
    with pytest.raises(ImportFileError) as refusal:
        pieces(text.encode(), block_bytes)
    message = str(refusal.value)
    assert message.startswith(f"import: x.json: {place}: ")
    assert reason in message


def test_every_cut_off_end_is_called_truncated() -> None:
    text = b'{"a":{"b":"\\\\"},"flows":[{"c":[]},2],"localization":{"strings":{"k":"v"}}}'
    for length in range(len(text)):
        with pytest.raises(ImportFileError, match=r"ends too early \(truncated\)"):
            pieces(text[:length])
    assert len(pieces(text)) == 4


def test_names_that_are_no_utf_8_are_refused_and_values_left_to_their_readers() -> None:
    with pytest.raises(ImportFileError, match=r"byte 1: a name is no valid JSON"):
        pieces(b'{"\xff":1}')
    assert pieces(b'{"a":"\xff"}')[0].raw == b'"\xff"'


def test_a_message_stays_one_short_line_whatever_the_names_in_the_file() -> None:
    with pytest.raises(ImportFileError) as refusal:
        pieces(json.dumps({"\n\x1b[31m" + "x" * 5000: 1}).encode()[:-1])
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 400


def test_depth_up_to_the_bound_is_cut() -> None:
    inner = "[" * (MAX_DEPTH - 2) + "]" * (MAX_DEPTH - 2)
    assert [p.raw.decode() for p in pieces(f'{{"flows":[{inner},{inner}]}}'.encode())] == [
        inner,
        inner,
    ]


class Endless(io.RawIOBase):
    """A head, then the same bytes without end; it fails a test that reads too much of it."""

    def __init__(self, head: bytes, rest: bytes, most: int) -> None:
        super().__init__()
        self._head, self._rest, self._most = head, rest, most

    def read(self, size: int = -1) -> bytes:
        block = self._head + self._rest * (size // len(self._rest))
        self._head = b""
        self._most -= len(block)
        assert self._most > 0, "it reads on"
        return block


@pytest.mark.parametrize(
    ("head", "rest", "place"),
    [
        (b'{"flows":[0,0,0,[', b"0,", "/flows/3"),
        (b'{"flows":[0,"', b"x", "/flows/1"),
        (b'{"flows":[0,"', b"\\\\", "/flows/1"),
        (b'{"flows":[0,"', b'\\"', "/flows/1"),
        (b'{"flows":[', b"1", "/flows/0"),
        (b'{"metadata":{"x":"', b"{}", "/metadata"),
        (b'{"localization":{"strings":{"k":{', b"[],", "/localization/strings/k"),
    ],
)
def test_a_piece_that_is_too_large_is_refused_by_name_before_it_is_read(
    head: bytes, rest: bytes, place: str
) -> None:
    stream: Any = Endless(head, rest, 3 << 20)
    with pytest.raises(ImportFileError, match=rf"x\.json: {place}, .* larger than 1,048,576 bytes"):
        list(cut(stream, "x.json", block_bytes=1 << 16, max_piece=1 << 20))


def test_a_name_without_end_is_refused_early() -> None:
    stream: Any = Endless(b'{"', b"n", 1 << 20)
    with pytest.raises(ImportFileError, match="larger than 65,536 bytes"):
        list(cut(stream, "x.json", block_bytes=1 << 14))


@pytest.mark.parametrize("value", ['"12345"', "[12345]", '{"a":1}', "1234567"])
@pytest.mark.parametrize("block_bytes", [1, 1 << 18])
def test_the_bound_of_a_piece_is_exact(value: str, block_bytes: int) -> None:
    text = f'{{"flows":[{value}]}}'.encode()
    assert pieces(text, block_bytes, max_piece=7)[0].raw.decode() == value
    with pytest.raises(ImportFileError, match=r"/flows/0, .* larger than 6 bytes"):
        pieces(text, block_bytes, max_piece=6)


def test_a_stream_that_fails_is_named() -> None:
    with (
        open("/proc/self/mem", "rb", buffering=0) as stream,
        pytest.raises(ImportFileError, match=re.escape("x.json: byte 0: it cannot be read (Inp")),
    ):
        list(cut(stream, "x.json"))


MEMORY = """
import resource, time
from storyarn_pipelines.importers.cut import cut

node = b'{"id":"1","data":{"text":"<p>He said \\\\"no\\\\" {x}</p>"},"position_x":1.5},'
flow = b'{"id":"7","nodes":[' + node * 2000 + b'{}]},'
text = b'{"text":"a","translations":{"es":{"text":"b"}}},'

class Lazy:
    def __init__(self):
        self.blocks = self.made()
        self.rest = b""

    def made(self):
        yield b'{"flows":['
        for _ in range(1200):
            yield flow
        yield b'{}],"localization":{"strings":{'
        for start in range(0, 200_000, 1000):
            numbers = range(start, start + 1000)
            yield b"".join(b'"flow_node.%09d.text":' % number + text for number in numbers)
        yield b'"z":{}}}}'

    def read(self, size):
        while len(self.rest) < size and (block := next(self.blocks, None)):
            self.rest += block
        block, self.rest = self.rest[:size], self.rest[size:]
        return block

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
size = count = 0
for piece in cut(Lazy(), "x.json"):
    size, count = size + len(piece.raw), count + 1
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(size, count, grown, time.perf_counter() - start)
"""


def test_memory_is_flat_on_a_document_of_200_megabytes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    size, count, grown_kib = (int(x) for x in done.stdout.split()[:3])
    assert size > 170 << 20
    assert count == 201_202
    assert grown_kib < 50 << 10
