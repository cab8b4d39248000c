"""All media of the sample, by file name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from storyarn_pipelines.demo.media import icons, landscapes, portraits, sound
from storyarn_pipelines.demo.media.canvas import Canvas

VARIANTS = (("map_town.png", "thumbnail", "map_town_thumbnail.png"),)
"""Original, profile, and the smaller file made from it."""

_LARGE, _FACE, _ICON = 3, 4, 4


@dataclass(frozen=True)
class Medium:
    """A file and the measures that the database keeps of it."""

    filename: str
    content_type: str
    content: bytes
    measures: dict[str, int | float]


@cache
def catalogue() -> tuple[Medium, ...]:
    """Draw and play everything; once, as it never comes out differently."""
    pictures = [_picture(name, canvas, scale) for name, canvas, scale in _pictures()]
    return (*pictures, *(_sound(name, samples) for name, samples in _sounds()))


def _pictures() -> Iterator[tuple[str, Canvas, int]]:
    yield "map_town.png", landscapes.town(), _LARGE
    yield "map_town_thumbnail.png", landscapes.town(), 1
    yield "map_market.png", landscapes.market(), _LARGE
    yield "map_tower.png", landscapes.clock_room(), _LARGE
    yield "banner_rooftops.png", landscapes.rooftops(), _LARGE
    yield "banner_quay.png", landscapes.quay(), _LARGE
    yield "banner_dawn.png", landscapes.dawn(), _LARGE
    yield "overlay_rain.png", landscapes.rain(), _LARGE
    yield "wren_calm.png", portraits.face(portraits.WREN), _FACE
    yield "wren_worried.png", portraits.face(portraits.WREN, "frown", "worried"), _FACE
    yield "wren_smiling.png", portraits.face(portraits.WREN, "smile", "raised"), _FACE
    yield "odile_stern.png", portraits.face(portraits.ODILE, "frown", "stern"), _FACE
    yield "odile_kind.png", portraits.face(portraits.ODILE, "smile"), _FACE
    yield "tobias_calm.png", portraits.face(portraits.TOBIAS), _FACE
    yield "tobias_laughing.png", portraits.face(portraits.TOBIAS, "laugh", "raised"), _FACE
    yield "pim_grin.png", portraits.face(portraits.PIM, "laugh", "raised"), _FACE
    yield "pim_sad.png", portraits.face(portraits.PIM, "frown", "worried"), _FACE
    yield "ambrose_tired.png", portraits.face(portraits.AMBROSE, "frown", "worried"), _FACE
    yield "stilt_still.png", portraits.heron(), _FACE
    yield "icon_letter.png", icons.letter(), _ICON
    yield "icon_key.png", icons.key(), _ICON
    yield "icon_fork.png", icons.fork(), _ICON
    yield "icon_jar.png", icons.jar(), _ICON
    yield "icon_cake.png", icons.cake(), _ICON
    yield "sketch_satchel.png", icons.satchel_sketch(), _ICON
    yield "sketch_tower.png", icons.tower_sketch(), _ICON


def _sounds() -> Iterator[tuple[str, Sequence[int]]]:
    beat = sound.RATE // 6
    night = sound.tune("A3 - C4 E4 - D4 C4 - A3 - G3 C4 - E4 D4 -", beat, 40)
    dawn = sound.tune("C4 E4 G4 - C5 B4 G4 - F4 G4 A4 - G4 E4 D4 C4", beat, 40)
    yield "music_night.wav", sound.mix(night, sound.tune("A3 - - - - - - - " * 2, beat, 30))
    yield "music_dawn.wav", sound.mix(dawn, sound.tune("C3 - - - E3 - - - " * 2, beat, 30))
    yield "ambience_rain.wav", sound.hiss(2 * sound.RATE, 7, 2, 18)
    yield "ambience_water.wav", sound.swell(sound.hiss(2 * sound.RATE, 9, 12, 160), sound.RATE)
    yield "sfx_bell.wav", sound.mix(sound.tone(3296, 16000, 60), sound.tone(7840, 9000, 30))
    yield "sfx_coin.wav", sound.tone(13200, 900, 50) + sound.tone(17600, 3200, 50)
    click = sound.hiss(220, 3, 1, 40) + [0] * 700
    yield "sfx_winding.wav", click * 8
    yield "voice_narrator_rain.wav", sound.speech(1500, (0, 4, -3, 2, 6, 0, -6, -10))
    yield "voice_narrator_rain_es.wav", sound.speech(1500, (2, 5, 0, 3, 7, 2, -4, -8, -12))
    yield "voice_odile_ledger.wav", sound.speech(2100, (0, -4, -8, 3, 0, -5, 12))
    yield "voice_odile_ledger_es.wav", sound.speech(2100, (3, -2, -6, 4, 1, -3, 8, 15))
    yield "voice_pim_moths.wav", sound.speech(3300, (0, 10, 4, 14, 8, 20))
    yield "voice_pim_sunday.wav", sound.speech(3100, (0, -4, -8, -2, -12))
    yield "voice_pim_sunday_es.wav", sound.speech(3100, (2, -3, -6, -1, -8, -14))
    yield "voice_tobias_laugh.wav", sound.speech(1200, (0, 12, 0, 12, 0, 8))
    yield "voice_ambrose_post.wav", sound.speech(1350, (10, 0, -6, 14, -8))


def _picture(filename: str, canvas: Canvas, scale: int) -> Medium:
    measures = {"width": canvas.width * scale, "height": canvas.height * scale}
    return Medium(filename, "image/png", canvas.png(scale), {**measures})


def _sound(filename: str, samples: Sequence[int]) -> Medium:
    seconds = round(len(samples) / sound.RATE, 3)
    return Medium(filename, "audio/wav", sound.wav(samples), {"duration": seconds})
