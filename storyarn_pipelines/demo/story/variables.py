"""The variables that the story reads and writes, under the names its authors use."""

from storyarn_pipelines.demo.authoring.logic import Var

NARRATOR = "narrator"
WREN = "cast.wren"
ODILE = "cast.odile"
TOBIAS = "cast.tobias"
PIM = "cast.pim"
AMBROSE = "cast.ambrose"
STILT = "cast.stilt"

NICKNAME = Var(WREN, "nickname")
COINS = Var(WREN, "coins")
COURAGE = Var(WREN, "courage")
SKILLS = Var(WREN, "skills")
WREN_MOOD = Var(WREN, "mood")
ODILE_TRUST = Var(ODILE, "trust")
PIM_TRUST = Var(PIM, "trust")
TOBIAS_TRUST = Var(TOBIAS, "trust")
TOBIAS_MOOD = Var(TOBIAS, "mood")
TOBIAS_MOTTO = Var(TOBIAS, "motto")

WATER = Var("tide", "water")
BELLS = Var("tide", "bells")
CLOCK_RUNS = Var("tide", "clock_running")
TODAY = Var("tide", "today")
WARNING = Var("tide", "warning")

SWORN = Var("log", "oath_sworn")
SEAL_BROKEN = Var("log", "seal_broken")
ASKED_CLOCK = Var("log", "asked_clock")
ASKED_KEEPER = Var("log", "asked_keeper")
PIM_BELIEVES = Var("log", "pim_believes")
COMPANION = Var("log", "companion")
ANSWER = Var("log", "answer")
GUESSES = Var("log", "guesses")
SIGNS = Var("log", "signs")
DUE = Var("log", "due")
KEEPER_HOME = Var("log", "keeper_home")
STAYING = Var("log", "staying")

FLOOD_SIGNS = Var("almanac", "flood_signs")

LETTER = Var("satchel", "things.letter.count")
KEY = Var("satchel", "things.key.count")
FORK = Var("satchel", "things.fork.count")
JAR = Var("satchel", "things.jar.count")
CAKE = Var("satchel", "things.cake.count")

BEACON_HIDDEN = Var("map-beacon", "hidden")
"""A pin of the town map: until somebody mentions it, nobody sees the Sea Mark."""
