"""JSON of any value, quickly."""

import orjson

from storyarn_pipelines.serializers.engines.spool import json_bytes


def json_text(value: object) -> bytes:
    """A value as compact JSON, whatever its numbers and texts are."""
    try:
        return orjson.dumps(value)
    except TypeError:  # a number of more than 64 bits, half a surrogate pair
        return json_bytes(value)
