"""The Sea Mark: the letter finds the man who wrote it, which was never the plan."""

from storyarn_pipelines.demo.authoring.flows import (
    Check,
    Do,
    Entry,
    Flow,
    Layer,
    Node,
    Reply,
    Say,
    Sequence,
    Track,
    onward,
)
from storyarn_pipelines.demo.authoring.logic import all_of, any_of
from storyarn_pipelines.demo.authoring.text import t
from storyarn_pipelines.demo.story.tower import MORNING
from storyarn_pipelines.demo.story.variables import (
    AMBROSE,
    CLOCK_RUNS,
    COMPANION,
    COURAGE,
    KEEPER_HOME,
    KEY,
    LETTER,
    NARRATOR,
    PIM_BELIEVES,
    SEAL_BROKEN,
    STAYING,
    WARNING,
)


def sea_mark() -> Flow:
    """Meet the keeper, and bring him home, take his place, or do only one's duty."""
    return Flow(
        "dawn.sea-mark",
        "The Sea Mark",
        "Entered from the streets, aboard the ferry.",
        (
            Sequence(
                key="crossing",
                name="Open water",
                tracks=(
                    Track("ambience", "ambience_water.wav", 0.9),
                    Track("music", "music_dawn.wav", 0.5),
                ),
                layers=(
                    Layer("backdrop", "banner_dawn.png", "Open water", fit="cover"),
                    Layer(
                        "character",
                        "tobias_calm.png",
                        "Tobias",
                        "bottom-left",
                        (0.05, 0.4, 0.25, 0.55),
                        (0.0, 1.0),
                    ),
                ),
            ),
            Entry(to="row"),
            Say(
                key="row",
                inside="crossing",
                who=NARRATOR,
                text=t(
                    "Out here the rain has nothing to fall on and does it anyway. The light grows "
                    "until it has a rock, a ladder, and an old man with a lantern.",
                    "Aquí fuera la lluvia no tiene dónde caer y cae igual. La luz crece hasta "
                    "tener una roca, una escala y un viejo con un farol.",
                    "Hier draußen hat der Regen nichts, worauf er fallen könnte, und tut es "
                    "trotzdem. Das Licht wächst, bis es einen Felsen hat, eine Leiter und einen "
                    "alten Mann mit Laterne.",
                ),
                to="post",
            ),
            Say(
                key="post",
                inside="crossing",
                who=AMBROSE,
                face="tired",
                at="places.sea-mark",
                text=t(
                    "Post? For me? Nobody writes to a rock.",
                    "¿Correo? ¿Para mí? Nadie escribe a una roca.",
                    "Post? Für mich? Einem Felsen schreibt doch keiner.",
                ),
                voice="voice_ambrose_post.wav",
                voices={"es": ("approved", "voice_ambrose_post.wav"), "de": ("needed", None)},
                to="which",
            ),
            Check(key="which", when=all_of(SEAL_BROKEN.is_true), yes="thief", no="sealed"),
            *_recognition(),
            *_offer(),
            *_partings(),
            onward("rowing_home", t("Rowing home", "Remando a casa", "Heimwärts"), "dawn.morning"),
            onward(
                "lamp_lit",
                t("The lamp stays lit", "La lámpara sigue", "Das Licht brennt weiter"),
                "dawn.morning",
            ),
        ),
        scene="halfwater",
        progress={"de": "draft"},
    )


def _recognition() -> tuple[Node, ...]:
    return (
        Say(
            key="thief",
            who=AMBROSE,
            face="tired",
            text=t(
                "Opened. Good. I was hoping for a thief with some sense in her. Then you know what "
                "day it is.",
                "Abierta. Bien. Esperaba a una ladrona con sentido común. Entonces sabes qué día "
                "es.",
                "Aufgemacht. Gut. Ich hatte auf eine Diebin mit Verstand gehofft. Dann weißt du "
                "ja, was heute für ein Tag ist.",
            ),
            to="delivered",
        ),
        Say(
            key="sealed",
            who=AMBROSE,
            face="tired",
            text=t(
                "My own thumb on the wax. I posted it to whoever came after me, child. I never "
                "thought nobody would.",
                "Mi propio pulgar en el lacre. La mandé a quien viniera después de mí, niña. "
                "Nunca pensé que no vendría nadie.",
                "Mein eigener Daumen im Wachs. Ich hab ihn an den geschickt, der nach mir kommt, "
                "Kind. Dass keiner kommt, daran hab ich nie gedacht.",
            ),
            to="delivered",
        ),
        Do(
            key="delivered",
            changes=(LETTER.set(0), COURAGE.add(1)),
            why="Sealed or not, it is delivered.",
            to="what_now",
        ),
    )


def _offer() -> tuple[Node, ...]:
    reasons = any_of(KEY.rule("greater_than", 0), COMPANION.equals("pim"), PIM_BELIEVES.is_true)
    return (
        Say(
            key="what_now",
            who=AMBROSE,
            face="tired",
            text=t(
                "The gates need the bell, the bell needs the clock, and the clock needs somebody "
                "who is not me. I told [[sheet:cast.pim|Pim]] Sunday. I could not say which.",
                "Las compuertas necesitan la campana, la campana el reloj, y el reloj a alguien "
                "que no sea yo. Le dije domingo a [[sheet:cast.pim|Pim]]. No supe decir cuál.",
                "Die Tore brauchen die Glocke, die Glocke die Uhr, und die Uhr jemanden, der nicht "
                "ich bin. Sonntag, hab ich [[sheet:cast.pim|Pim]] gesagt. Welchen, das konnte ich "
                "nicht.",
            ),
            replies=(
                Reply(
                    "home",
                    t(
                        "This one. She kept your key.",
                        "Este. Ella guardó tu llave.",
                        "Diesen. Sie hat deinen Schlüssel behalten.",
                    ),
                    "home",
                    all_of(reasons),
                    (KEEPER_HOME.on, CLOCK_RUNS.on, WARNING.set("spring")),
                ),
                Reply(
                    "stay",
                    t(
                        "Go. I can keep a lamp lit.",
                        "Vaya. Yo sé cuidar una lámpara.",
                        "Fahren Sie. Ein Licht hüten kann ich.",
                    ),
                    "stay",
                    all_of(COURAGE.at_least(2)),
                    (STAYING.on, KEEPER_HOME.on, CLOCK_RUNS.on),
                ),
                Reply(
                    "duty",
                    t(
                        "I only deliver, sir.",
                        "Yo solo reparto, señor.",
                        "Ich stelle nur zu, mein Herr.",
                    ),
                    "duty",
                    do=(WARNING.set("flood"),),
                ),
            ),
        ),
    )


def _partings() -> tuple[Node, ...]:
    return (
        Say(
            key="home",
            who=AMBROSE,
            face="tired",
            text=t(
                "Kept it? She stirs soup with it, I hope. Hand me that oar. We have a bell to "
                "catch.",
                "¿La guardó? Para remover la sopa, espero. Pásame ese remo. Hay una campana que "
                "alcanzar.",
                "Behalten? Zum Suppeumrühren, will ich hoffen. Gib mir das Ruder. Wir müssen eine "
                "Glocke kriegen.",
            ),
            to="home_by_dawn",
        ),
        Do(key="home_by_dawn", changes=(MORNING,), why="Rowing takes all night.", to="rowing_home"),
        Say(
            key="stay",
            who=AMBROSE,
            face="tired",
            text=t(
                "Oil here, matches there, herring on Fridays. Sign the book, {cast.wren.nickname}. "
                "I will send you a letter.",
                "Aceite aquí, cerillas allá, arenque los viernes. Firma el libro, "
                "{cast.wren.nickname}. Te escribiré.",
                "Öl hier, Hölzer da, freitags Hering. Unterschreib im Buch, {cast.wren.nickname}. "
                "Ich schreib dir.",
            ),
            to="stay_till_dawn",
        ),
        Do(key="stay_till_dawn", changes=(MORNING,), why="The first watch.", to="lamp_lit"),
        Say(
            key="duty",
            who=AMBROSE,
            face="tired",
            text=t(
                "So you do, and well. Then row fast, and knock on every door you pass.",
                "Y lo haces bien. Pues rema deprisa y llama a todas las puertas.",
            ),
            to="home_by_dawn",
        ),
    )
