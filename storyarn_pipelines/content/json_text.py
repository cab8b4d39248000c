"""Exact JSON for jsonb columns: no number passes through a float, and what the database would
refuse is found before it is asked.

Fractions and exponents become ``Decimal`` with all their digits, integers stay integers:
``12345678901234567890.10`` and ``1E+400`` come back as the same numbers.
"""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

MAX_DEPTH = 900
"""Levels of lists and objects. Python's own limit is near; PostgreSQL takes a few thousand."""

MAX_INTEGER_DIGITS = 4_299
"""Digits before the point: the decoder reads no longer integers (with their sign).

PostgreSQL would keep 131,072. The limit is for exponents too: PostgreSQL writes ``1e5000`` out in
full, and that must be read again."""

# Of PostgreSQL's ``numeric``, in which jsonb keeps its numbers.
_MAX_DIGITS_BEHIND_POINT = 16_383
_MAX_EXPONENT = (2**31 - 1) // 2

_LONG_NUMBER = 1_000
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_HALF_PAIR = re.compile(rb"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# The closing quote is optional, so that a string without end is passed over once only.
_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)


class JsonTextError(ValueError):
    """JSON that cannot be read, or that a jsonb column would refuse; the message says why."""


def decode(raw: bytes | str) -> Any:
    """The value of a JSON text that a jsonb column takes.

    Objects are dictionaries in the order of the text (the last of equal keys counts), numbers
    ``int`` or ``Decimal``, never ``float``. Raises JsonTextError.
    """
    value = parse(raw)
    check_nul(raw.encode() if isinstance(raw, str) else raw)
    return value


def parse(raw: bytes | str) -> Any:
    """Like ``decode``, but the character NUL may stand in texts: for JSON inside of a text."""
    try:
        data = raw.encode() if isinstance(raw, str) else bytes(raw)
        if len(data) > MAX_DEPTH and data.count(b"[") + data.count(b"{") > MAX_DEPTH:
            _check_depth(data)
        return _with_room(_decoder.decode, data)
    except JsonTextError:
        raise
    except UnicodeError as error:
        raise JsonTextError("the JSON is not valid UTF-8") from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise JsonTextError(_reason(error, data)) from error


class Latest:
    """Decodes and encodes JSON texts, and remembers the last one: what one reader has checked, the
    next may want to look into. Its values are for all readers, so that nobody may change them."""

    def __init__(self) -> None:
        self._raw: bytes | None = None
        self._value: Any = None

    def decode(self, raw: bytes) -> Any:
        """Like ``decode``."""
        if raw != self._raw:
            self._value, self._raw = decode(raw), raw
        return self._value

    def encode(self, value: Any) -> bytes:
        """Like ``encode``."""
        self._raw = encode(value)
        self._value = value
        return self._raw


def encode(value: Any) -> bytes:
    """Compact JSON of a value as ``decode`` gives it; what comes from elsewhere goes through
    ``check`` first.

    Raises JsonTextError for texts that UTF-8 or PostgreSQL cannot hold, and for foreign types.
    """
    try:
        raw = bytes(_with_room(_encoder.encode, value))
    except UnicodeError as error:
        raise JsonTextError(_LONE_SURROGATE) from error
    except (TypeError, ValueError, RecursionError, msgspec.EncodeError) as error:
        raise JsonTextError(f"the value is no JSON ({error})") from error
    check_nul(raw)
    return raw


def check(value: Any) -> None:
    """Find what a jsonb column would refuse, and floats, in a value; raises JsonTextError."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        if part is None or isinstance(part, bool):
            continue
        if isinstance(part, str):
            _check_string(part)
        elif isinstance(part, int):
            if abs(part) >= _TOO_LARGE:
                raise JsonTextError(_TOO_MANY_DIGITS)
        elif isinstance(part, Decimal):
            _check_range(part)
        elif isinstance(part, list | dict):
            if depth >= MAX_DEPTH:
                raise JsonTextError(_too_deep())
            if isinstance(part, dict):
                for key in part:
                    _check_key(key)
                part = list(part.values())
            waiting.extend((inner, depth + 1) for inner in reversed(part))
        else:
            raise JsonTextError(f"a {type(part).__name__} is no exact JSON value")


def check_nul(raw: bytes) -> None:
    """Refuse an escaped NUL, which is the only way to write it in JSON."""
    if b"\\u0000" in raw and _NUL.search(raw):
        raise JsonTextError(_HAS_NUL)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise JsonTextError(_out_of_range(text)) from error
    if "e" in text or "E" in text or len(text) > _LONG_NUMBER:
        _check_range(number)
    return number


def _check_range(number: Decimal) -> None:
    if not number.is_finite():
        raise JsonTextError(f"JSON has no number {number}")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if number and number.adjusted() >= MAX_INTEGER_DIGITS:
        raise JsonTextError(_TOO_MANY_DIGITS)
    if exponent < -_MAX_DIGITS_BEHIND_POINT or exponent >= _MAX_EXPONENT:
        raise JsonTextError(_out_of_range(str(number)))


def _out_of_range(text: str) -> str:
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    return f"the number {shown} is beyond the range of PostgreSQL's numeric"


_HAS_NUL = "a text holds the character NUL, for which PostgreSQL has no place; remove it"
_LONE_SURROGATE = "a text holds half of a surrogate pair; remove it"
_TOO_LARGE = 10**MAX_INTEGER_DIGITS
_TOO_MANY_DIGITS = f"a number has more than {MAX_INTEGER_DIGITS:,} digits before its point"


def _too_deep() -> str:
    return f"lists and objects are nested more than {MAX_DEPTH} levels deep"


def _reason(error: Exception, data: bytes) -> str:
    if isinstance(error.__cause__, JsonTextError):
        return str(error.__cause__)
    if "Integer value out of range" in str(error):
        return _TOO_MANY_DIGITS
    if _HALF_PAIR.search(_PAIR.sub(b"", data)):
        return _LONE_SURROGATE
    return f"this is no valid JSON ({error})"


def _check_depth(data: bytes) -> None:
    depth = 0
    for found in _BRACKETS.finditer(data):
        first = found[0][:1]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise JsonTextError(_too_deep())
        elif first in b"]}":
            depth -= 1


def _check_string(text: str) -> None:
    if "\0" in text:
        raise JsonTextError(_HAS_NUL)
    if not text.isascii() and _SURROGATE.search(text):
        raise JsonTextError(_LONE_SURROGATE)


def _check_key(key: object) -> None:
    if not isinstance(key, str):
        raise JsonTextError(f"the key {key!r} of an object is no text")
    _check_string(key)


def _with_room(call: Callable[[Any], Any], argument: Any) -> Any:
    """Call something recursive; where the stack is nearly used up, on one of its own."""
    try:
        return call(argument)
    except RecursionError:
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(call, argument).result()


_decoder = msgspec.json.Decoder(float_hook=_number)
_encoder = msgspec.json.Encoder(decimal_format="number")
