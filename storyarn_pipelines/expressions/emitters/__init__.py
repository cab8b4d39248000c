"""Expressions in the languages of game engines: one module a language, each a small table."""

from storyarn_pipelines.expressions.emitters.articy import ArticyEmitter
from storyarn_pipelines.expressions.emitters.base import Emitted, Emitter
from storyarn_pipelines.expressions.emitters.gdscript import GdscriptEmitter
from storyarn_pipelines.expressions.emitters.identifiers import Identifiers, NameRules
from storyarn_pipelines.expressions.emitters.ink import InkEmitter
from storyarn_pipelines.expressions.emitters.lua import LuaEmitter
from storyarn_pipelines.expressions.emitters.unreal import UnrealEmitter
from storyarn_pipelines.expressions.emitters.yarn import YarnEmitter

__all__ = ["EMITTERS", "LANGUAGES", "Emitted", "Emitter", "Identifiers", "NameRules"]

EMITTERS: dict[str, type[Emitter]] = {
    emitter.language: emitter
    for emitter in (
        LuaEmitter,
        GdscriptEmitter,
        UnrealEmitter,
        ArticyEmitter,
        InkEmitter,
        YarnEmitter,
    )
}
"""Every language with its emitter."""

LANGUAGES = {
    "unity": "lua",
    "godot": "gdscript",
    "unreal": "unreal",
    "articy": "expresso",
    "ink": "ink",
    "yarn": "yarn",
}
"""The language of every export format that has one."""
