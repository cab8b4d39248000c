"""Columns of Arrow values as columns of JSON texts, a whole batch at a time."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from storyarn_pipelines.domain.columns import TIME_INFINITY, TIME_MINUS_INFINITY, Kind

_SHORT_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_CONTROLS = {chr(code): f"\\u{code:04x}" for code in range(32)} | _SHORT_ESCAPES
_MICROSECONDS = 1_000_000
_YEAR_1, _YEAR_10000 = -62_135_596_800 * _MICROSECONDS, 253_402_300_800 * _MICROSECONDS


def json_texts(column: pa.Array, kind: Kind) -> pa.Array:
    """JSON texts of a column, NULL as ``null``."""
    return pc.fill_null(_FORMATTERS[kind](column), "null")


def _quoted(texts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', texts, '"', "")


def escaped(texts: pa.Array) -> pa.Array:
    """Texts with just what JSON demands escaped, without quotes around them."""
    if not pc.any(pc.match_substring_regex(texts, r'[\x00-\x1f"\\]')).as_py():
        return texts
    texts = pc.replace_substring(texts, "\\", "\\\\")
    texts = pc.replace_substring(texts, '"', '\\"')
    if pc.any(pc.match_substring_regex(texts, r"[\x00-\x1f]")).as_py():
        for control, escape in _CONTROLS.items():
            texts = pc.replace_substring(texts, control, escape)
    return texts


def _text(column: pa.Array) -> pa.Array:
    return _quoted(escaped(column))


def _cast(column: pa.Array) -> pa.Array:
    return pc.cast(column, pa.string())


def _id(column: pa.Array) -> pa.Array:
    return _text(column) if pa.types.is_string(column.type) else _quoted(_cast(column))


def _ids(column: pa.Array) -> pa.Array:
    values = pc.fill_null(_quoted(_cast(column.values)), "null")
    lists = pa.ListArray.from_arrays(column.offsets, values, mask=column.is_null())
    return pc.binary_join_element_wise("[", pc.binary_join(lists, ","), "]", "")


def _number(column: pa.Array) -> pa.Array:
    """Numbers come as PostgreSQL prints them; what JSON cannot say becomes a string."""
    is_number = pc.match_substring_regex(column, r"^-?[0-9]")
    return pc.if_else(is_number, column, _quoted(column))


def _time(column: pa.Array) -> pa.Array:
    encoded = column.dictionary_encode()
    moments = encoded.dictionary
    numbers = moments.cast(pa.int64())
    usual = pc.and_(pc.greater_equal(numbers, _YEAR_1), pc.less(numbers, _YEAR_10000))
    seconds = pc.divide(numbers, _MICROSECONDS)
    usual = pc.and_(usual, pc.equal(pc.multiply(seconds, _MICROSECONDS), numbers))
    plain = pc.if_else(usual, seconds, 0).cast(pa.timestamp("s")).cast(pa.string())
    texts = pc.binary_join_element_wise(
        '"', pc.replace_substring(plain, " ", "T", max_replacements=1), 'Z"', ""
    )
    if not pc.all(usual).as_py():
        odd = pc.invert(usual)
        odd_texts = [f'"{time_text(number)}"' for number in numbers.filter(odd).to_pylist()]
        texts = pc.replace_with_mask(texts, odd, pa.array(odd_texts, pa.string()))
    return texts.take(encoded.indices)


def time_text(number: int) -> str:
    """Microseconds since 1970 as ISO 8601: infinities, fractions and far years."""
    if number in (TIME_INFINITY, TIME_MINUS_INFINITY):
        return "infinity" if number == TIME_INFINITY else "-infinity"
    # The Gregorian calendar repeats every 400 years, which brings far years within reach.
    cycle = 146_097 * 86_400 * _MICROSECONDS
    cycles = 0 if _YEAR_1 <= number < _YEAR_10000 else (number - _YEAR_1) // cycle
    near = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number - cycles * cycle)
    year = near.year + 400 * cycles
    fraction = f".{near.microsecond:06d}".rstrip("0") if near.microsecond else ""
    return f"{year:04d}-{near:%m-%dT%H:%M:%S}{fraction}Z"


_FORMATTERS = {
    Kind.ID: _id,
    Kind.IDS: _ids,
    Kind.INTEGER: _cast,
    Kind.FLOAT: _number,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _cast,
    Kind.JSON: lambda column: column,
    Kind.TIME: _time,
    Kind.TEXT: _text,
}
