"""Down at the water: the ferry that takes three kinds of fare, and the seal that takes none."""

from storyarn_pipelines.demo.authoring.flows import (
    Check,
    Do,
    Entry,
    Flow,
    Node,
    Reply,
    Say,
    back,
)
from storyarn_pipelines.demo.authoring.logic import Var, all_of, any_of
from storyarn_pipelines.demo.authoring.text import t
from storyarn_pipelines.demo.story.variables import (
    AMBROSE,
    BEACON_HIDDEN,
    COINS,
    COMPANION,
    COURAGE,
    FLOOD_SIGNS,
    FORK,
    JAR,
    NARRATOR,
    NICKNAME,
    SEAL_BROKEN,
    SIGNS,
    SKILLS,
    SWORN,
    TOBIAS,
    TOBIAS_MOOD,
    TOBIAS_TRUST,
    WATER,
)

LETTER_WET = Var("satchel", "things.letter.wet")


def ferry() -> Flow:
    """Talk to Tobias: he rows for an oath, for two coins, and always listens to a song."""
    return Flow(
        "night.ferry",
        "The Moth Ferry",
        "Called from the streets.",
        (
            Entry(to="hello"),
            Say(
                key="hello",
                who=TOBIAS,
                face="calm",
                at="places.ferry",
                text=t(
                    "Evening, post. The boat says <em>{cast.tobias.motto}</em>, and the boat is "
                    "older than both of us.",
                    "Buenas, correo. El bote dice <em>{cast.tobias.motto}</em>, y el bote es más "
                    "viejo que los dos.",
                    "Abend, Post. Auf dem Boot steht <em>{cast.tobias.motto}</em>, und das Boot "
                    "ist älter als wir beide.",
                ),
                to="knows",
            ),
            Check(
                key="knows",
                when=all_of(BEACON_HIDDEN.is_false),
                yes="offer",
                no="light",
            ),
            Say(
                key="light",
                who=TOBIAS,
                face="calm",
                text=t(
                    "See that light? The Sea Mark. Lit every night for seven years, and not one "
                    "letter in or out. Odd sort of lamp.",
                    "¿Ves esa luz? La baliza. Encendida cada noche desde hace siete años, y ni "
                    "una carta. Rara lámpara.",
                    "Siehst du das Licht? Das Seezeichen. Brennt seit sieben Jahren jede Nacht, "
                    "und nicht ein Brief hin oder her. Seltsame Lampe.",
                ),
                to="shown",
            ),
            Do(key="shown", changes=(BEACON_HIDDEN.off,), why="The pin appears.", to="offer"),
            _offer(),
            *_song(),
            *_boarding(),
            back("aboard", t("Aboard", "A bordo", "An Bord")),
            back("ashore", t("Still ashore", "En tierra", "Noch an Land")),
        ),
        progress={"de": "in_progress"},
    )


def _offer() -> Say:
    return Say(
        key="offer",
        who=TOBIAS,
        face="calm",
        menu=t("Fares", "Tarifas", "Fahrpreise"),
        text=t(
            "I row out for an oath or for two coins. For a song I only listen.",
            "Remo hasta allá por un juramento o por dos monedas. Por una canción solo escucho.",
            "Ich rudere für einen Eid oder für zwei Münzen. Für ein Lied höre ich bloß zu.",
        ),
        replies=(
            Reply(
                "oath",
                t(
                    "Sealed, and on time: I swore it.",
                    "Cerrada y a tiempo: lo juré.",
                    "Verschlossen und pünktlich: Ich hab's geschworen.",
                ),
                "heron_check",
                all_of(SWORN.is_true, SEAL_BROKEN.is_false),
                (TOBIAS_TRUST.add(1),),
            ),
            Reply(
                "coins",
                t(
                    "Two of my $satchel.tally.now.coins coins.",
                    "Dos de mis $satchel.tally.now.coins monedas.",
                    "Zwei von meinen $satchel.tally.now.coins Münzen.",
                ),
                "heron_check",
                all_of(COINS.at_least(2)),
                (COINS.subtract(2),),
            ),
            Reply(
                "song",
                t("I know half a song.", "Me sé media canción.", "Ich kann ein halbes Lied."),
                "song",
                all_of(TOBIAS_MOOD.rule("not_equals", "glad")),
                (TOBIAS_MOOD.set("glad"), COURAGE.add(1)),
            ),
            Reply(
                "stay",
                t("Not yet.", "Todavía no.", "Noch nicht."),
                "ashore",
            ),
        ),
    )


def _song() -> tuple[Node, ...]:
    """The song earns the fork: from a carrier with ears, company or a name worth singing."""
    return (
        Check(
            key="song",
            when=any_of(
                all_of(JAR.at_least(1), any_of(SKILLS.rule("contains", "swift_feet"))),
                all_of(
                    NICKNAME.rule("not_equals", "Wren"),
                    any_of(SKILLS.rule("not_contains", "sharp_ears"), COMPANION.equals("pim")),
                ),
            ),
            yes="chorus",
            no="polite",
        ),
        Say(
            key="chorus",
            who=TOBIAS,
            face="laughing",
            text=t(
                "Flat as a flounder, and what a voice! Take this fork, {cast.wren.nickname}. It "
                "was the keeper's. It is never flat.",
                "¡Desafinada como un lenguado, y qué voz! Toma este diapasón, "
                "{cast.wren.nickname}. Era del guardián. Nunca desafina.",
                "Schief wie eine Flunder, und was für eine Stimme! Nimm diese Gabel, "
                "{cast.wren.nickname}. Sie gehörte dem Wärter. Die singt nie schief.",
            ),
            voice="voice_tobias_laugh.wav",
            to="fork",
        ),
        Do(
            key="fork",
            changes=(FORK.set(1), TOBIAS_TRUST.add(2)),
            why="The fork tells the right note.",
            to="ashore",
        ),
        Say(
            key="polite",
            who=TOBIAS,
            face="calm",
            text=t(
                "That was half a song all right. Come back with the other half.",
                "Desde luego, era media canción. Vuelve con la otra media.",
                "Das war wirklich ein halbes Lied. Komm wieder, wenn du die andere Hälfte hast.",
            ),
            to="ashore",
        ),
    )


def _boarding() -> tuple[Node, ...]:
    return (
        Check(
            key="heron_check",
            when=all_of(COMPANION.rule("is_nil")),
            yes="heron",
            no="cast_off",
        ),
        Do(
            key="heron",
            changes=(COMPANION.change("set_if_unset", "heron"),),
            why="Nobody else came along, so the heron does.",
            to="cast_off",
        ),
        Say(
            key="cast_off",
            who=TOBIAS,
            face="laughing",
            text=t(
                "Mind the moths, mind the heron, and mind the wet. Off we go.",
                "Cuidado con las polillas, con la garza y con lo mojado. Allá vamos.",
                "Gib acht auf die Motten, auf den Reiher und auf alles Nasse. Ab dafür.",
            ),
            to="aboard",
        ),
    )


def seal() -> Flow:
    """Break the oath or keep it; the letter is short either way."""
    return Flow(
        "night.seal",
        "The Seal",
        "Called from the streets, as long as the seal is whole.",
        (
            Entry(to="doorway"),
            Say(
                key="doorway",
                who=NARRATOR,
                text=t(
                    "Blue wax, a thumbprint in it. Due tomorrow. Rain finds the doorway and leans "
                    "in to read along.",
                    "Lacre azul, con la huella de un pulgar. Para mañana. La lluvia encuentra el "
                    "portal y se asoma a leer.",
                    "Blaues Wachs mit einem Daumenabdruck. Fällig morgen. Der Regen findet den "
                    "Hauseingang und beugt sich herein, um mitzulesen.",
                ),
                replies=(
                    Reply(
                        "break",
                        t("Break the seal.", "Romper el lacre.", "Das Siegel brechen."),
                        "broken",
                        do=(SEAL_BROKEN.on, SWORN.off, LETTER_WET.change("toggle")),
                    ),
                    Reply(
                        "keep",
                        t("Put it back.", "Guardarla.", "Ihn wieder einstecken."),
                        "closed",
                        do=(COURAGE.add(1),),
                    ),
                ),
            ),
            Do(
                key="broken",
                changes=(SIGNS.copy_of(FLOOD_SIGNS), BEACON_HIDDEN.off, WATER.add(1)),
                why="Reading takes time, and teaches the signs.",
                to="page",
            ),
            Say(
                key="page",
                who=AMBROSE,
                face="tired",
                text=t(
                    "<em>Friend, I do not know your name. The tenth will be the highest tide in "
                    "sixty years. Wind her slowly, and listen: she starts on the note of the "
                    "rain. Forgive an old man his hiding place. A.</em>",
                    "<em>Amigo, no conozco tu nombre. El día diez será la marea más alta en "
                    "sesenta años. Dale cuerda despacio y escucha: arranca con la nota de la "
                    "lluvia. Perdona a un viejo su escondite. A.</em>",
                    "<em>Freund, ich kenne deinen Namen nicht. Am Zehnten kommt die höchste Flut "
                    "seit sechzig Jahren. Zieh sie langsam auf und horch: Sie springt auf den Ton "
                    "des Regens an.</em>",
                    de_is="review",
                    de_for="<em>Friend, I do not know your name. The tenth will be the highest "
                    "tide in sixty years. Wind her slowly, and listen: she starts on the note of "
                    "the rain.</em>",
                ),
                to="opened",
            ),
            back("opened", t("Opened", "Abierta", "Geöffnet")),
            back("closed", t("Still sealed", "Aún cerrada", "Noch verschlossen")),
        ),
    )
