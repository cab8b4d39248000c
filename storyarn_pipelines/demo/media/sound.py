"""Sounds from whole numbers: a sine without floats, decaying notes, noise, and speech of a sort."""

import io
import struct
import wave
from collections.abc import Iterable, Sequence

from storyarn_pipelines.demo.media.noise import noise

RATE = 11025
_TURN = 1 << 16
_PEAK = 32000

NOTES = {
    "C3": 1308,
    "E3": 1648,
    "G3": 1960,
    "A3": 2200,
    "C4": 2616,
    "D4": 2937,
    "E4": 3296,
    "F4": 3492,
    "G4": 3920,
    "A4": 4400,
    "B4": 4939,
    "C5": 5233,
}
"""Pitches in tenths of a hertz."""


def sine(phase: int) -> int:
    """Look up a sine by Bhaskara's fraction; 65536 is a full turn, 32000 the peak."""
    phase %= _TURN
    half = _TURN // 2
    x = phase % half
    product = x * (half - x)
    value = 16 * product * _PEAK // (5 * half * half - 4 * product)
    return value if phase < half else -value


def tone(tenths: int, length: int, loudness: int, fade: bool = True) -> list[int]:
    """Play a note with a little of its octave, as long as a number of samples."""
    step = tenths * _TURN // (RATE * 10)
    samples = []
    for n in range(length):
        envelope = min(n * 8, 1000) * ((length - n) * 1000 // length if fade else 1000) // 1000
        body = sine(n * step) * 3 + sine(n * step * 2)
        samples.append(body * envelope // 4000 * loudness // 100)
    return samples


def tune(notes: str, beat: int, loudness: int) -> list[int]:
    """Play notes one after the other, each ringing into the next; `-` is a rest."""
    names = notes.split()
    track = [0] * (beat * len(names))
    for number, name in enumerate(names):
        if name != "-":
            start = number * beat
            ring = min(3 * beat, len(track) - start)
            for offset, sample in enumerate(tone(NOTES[name], ring, loudness)):
                track[start + offset] += sample
    return track


def hiss(length: int, seed: int, softness: int, loudness: int) -> list[int]:
    """Make noise; the softer, the more it sounds like water than like rain."""
    source = noise(seed, 2 * _PEAK)
    level, samples = 0, []
    for _ in range(length):
        level += (next(source) - _PEAK - level) // softness
        samples.append(level * loudness // 100)
    return samples


def swell(samples: Sequence[int], period: int) -> list[int]:
    """Let a sound come and go like waves."""
    return [
        sample * (_PEAK + sine(n * _TURN // period) * 2 // 3) // (2 * _PEAK)
        for n, sample in enumerate(samples)
    ]


def speech(tenths: int, melody: Sequence[int]) -> list[int]:
    """Babble: one syllable per number, higher or lower than the speaker's pitch by so much."""
    samples: list[int] = []
    for number, interval in enumerate(melody):
        length = RATE // 9 + (number % 3) * 150
        samples += tone(tenths * (100 + interval) // 100, length, 70)
        samples += [0] * 160
    return samples


def mix(*tracks: Sequence[int]) -> list[int]:
    """Play tracks at the same time, as long as the longest."""
    length = max(len(track) for track in tracks)
    padded = ([*track, *[0] * (length - len(track))] for track in tracks)
    return [sum(moment) for moment in zip(*padded, strict=True)]


def wav(samples: Iterable[int]) -> bytes:
    """Write samples as a mono WAV file, clipped to what 16 bits can hold."""
    limited = [max(-32768, min(32767, sample)) for sample in samples]
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(limited)}h", *limited))
    return target.getvalue()
