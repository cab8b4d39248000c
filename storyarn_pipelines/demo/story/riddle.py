"""Pim's riddle: a face, two hands, and a grandfather who said he would be back by Sunday."""

from storyarn_pipelines.demo.authoring.flows import (
    Case,
    Check,
    Do,
    Entry,
    Flow,
    Hub,
    Jump,
    Node,
    Note,
    Reply,
    Say,
    Switch,
    back,
)
from storyarn_pipelines.demo.authoring.logic import all_of, any_of
from storyarn_pipelines.demo.authoring.text import t
from storyarn_pipelines.demo.story.variables import (
    ANSWER,
    CAKE,
    COMPANION,
    GUESSES,
    KEY,
    NICKNAME,
    PIM,
    PIM_BELIEVES,
    PIM_TRUST,
)


def riddle() -> Flow:
    """Win the key by wit, by cake, or by being wrong often enough to be pitied."""
    return Flow(
        "night.riddle",
        "Pim's Riddle",
        "Called from the market; three guesses at most.",
        (
            Entry(to="hello"),
            _hello(),
            Say(
                key="truth",
                who=PIM,
                face="sad",
                text=t(
                    "Nobody winds it. He said Sunday. He did not say which.",
                    "Nadie le da cuerda. Dijo que volvía el domingo. No dijo cuál.",
                    "Niemand zieht sie auf. Sonntag, hat er gesagt. Welchen, hat er nicht gesagt.",
                ),
                voice="voice_pim_sunday.wav",
                voices={"es": ("recorded", "voice_pim_sunday_es.wav"), "de": ("needed", None)},
                to="riddling",
            ),
            Hub(key="riddling", label="One more guess", color="#7c3aed", to="fresh"),
            Do(
                key="fresh",
                changes=(ANSWER.change("clear"), GUESSES.add(1)),
                why="Forget the last answer, count the next.",
                to="question",
            ),
            _question(),
            *_verdicts(),
            *_pity(),
            *_key(),
            Jump(key="once_more", hub="riddling"),
            Note(
                key="about_words",
                text="The answers are compared as text: change the words here and in the switch.",
                color="#f9a8d4",
            ),
            back("got_key", t("Got the key", "Consiguió la llave", "Schlüssel bekommen")),
            back("no_key", t("No key yet", "Aún sin llave", "Noch kein Schlüssel")),
        ),
        scene="halfwater.market",
    )


def _hello() -> Say:
    return Say(
        key="hello",
        who=PIM,
        face="grin",
        text=t(
            "A key, is it? There is one. It goes to whoever answers. Or did you bring anything?",
            "¿Una llave? Hay una. Es para quien acierte. ¿O has traído algo?",
            "Ein Schlüssel also? Es gibt einen. Wer antwortet, kriegt ihn. Oder hast du was "
            "mitgebracht?",
        ),
        replies=(
            Reply(
                "riddle",
                t("Ask me.", "Pregunta.", "Frag mich."),
                "riddling",
            ),
            Reply(
                "truth",
                t(
                    "I have a letter for whoever winds the clock.",
                    "Traigo una carta para quien dé cuerda al reloj.",
                    "Ich habe einen Brief für den, der die Uhr aufzieht.",
                ),
                "truth",
                any_of(PIM_BELIEVES.rule("is_nil"), PIM_BELIEVES.is_false),
                (PIM_BELIEVES.change("toggle"),),
            ),
            Reply(
                "cake",
                t(
                    "Half a honey cake. The bigger half.",
                    "Medio pastel de miel. La mitad grande.",
                    "Einen halben Honigkuchen. Die größere Hälfte.",
                ),
                "cake",
                all_of(CAKE.rule("greater_than", 0)),
                (
                    CAKE.subtract(1),
                    PIM_TRUST.add(2),
                    PIM_BELIEVES.on,
                    COMPANION.change("set_if_unset", "pim"),
                ),
            ),
        ),
    )


def _question() -> Say:
    return Say(
        key="question",
        who=PIM,
        face="grin",
        text=t(
            "It has a face and never washes it. Two hands, and lifts nothing. Twice a night the "
            "sea comes up to ask it something. What is it?",
            "Tiene cara y nunca se la lava. Dos manos, y no levanta nada. Dos veces por noche "
            "sube el mar a preguntarle algo. ¿Qué es?",
            "Es hat ein Gesicht und wäscht es nie. Zwei Hände oder Zeiger, und hebt nichts. "
            "Zweimal die Nacht kommt das Meer herauf und fragt es etwas. Was ist das?",
            note="German: Zeiger helps, as clocks have no hands there.",
        ),
        replies=(
            Reply(
                "moon",
                t("The moon.", "La luna.", "Der Mond."),
                "judge",
                do=(ANSWER.set("the moon"),),
            ),
            Reply(
                "crab",
                t("A crab.", "Un cangrejo.", "Eine Krabbe."),
                "judge",
                do=(ANSWER.set("a crab"),),
            ),
            Reply(
                "clock",
                t("A tide clock.", "Un reloj de mareas.", "Eine Gezeitenuhr."),
                "judge",
                do=(ANSWER.set("a tide clock"),),
            ),
            Reply("silence", t("(Say nothing.)", "(Callar.)", "(Schweigen.)"), "judge"),
        ),
    )


def _verdicts() -> tuple[Node, ...]:
    return (
        Switch(
            key="judge",
            cases=(
                Case("silence", "Silence", all_of(ANSWER.rule("is_empty")), "silence"),
                Case(
                    "right",
                    "Right",
                    all_of(ANSWER.rule("contains", "clock"), ANSWER.rule("starts_with", "a tide")),
                    "right",
                ),
                Case("moon", "The moon", all_of(ANSWER.rule("ends_with", "moon")), "moon"),
            ),
            default="crab",
        ),
        Say(
            key="silence",
            who=PIM,
            face="grin",
            text=t(
                "A silence. Also a good answer, but to a different one.",
                "Silencio. También es buena respuesta, pero a otra adivinanza.",
                "Schweigen. Auch eine gute Antwort, aber auf ein anderes.",
            ),
            to="enough",
        ),
        Say(
            key="right",
            who=PIM,
            face="sad",
            text=t(
                "He made that one up for me. Nobody else ever stayed for the end of it.",
                "Esa la inventó para mí. Nadie más se quedó nunca hasta el final.",
                "Das hat er sich für mich ausgedacht. Bis zum Ende ist noch keiner geblieben.",
            ),
            to="hand_over",
        ),
        Say(
            key="moon",
            who=PIM,
            face="grin",
            text=t(
                'Pretty, "{log.answer}". But the moon does the asking. Think smaller.',
                'Bonito, "{log.answer}". Pero la luna es la que pregunta. Piensa más pequeño.',
                'Hübsch, "{log.answer}". Aber der Mond ist der, der fragt. Denk kleiner.',
                es_is="review",
                de_is="draft",
                note="The placeholder shows the English answer, in every language.",
            ),
            to="enough",
        ),
        Say(
            key="crab",
            who=PIM,
            face="grin",
            text=t(
                "Crabs wash. Ask anyone. Ask a crab.",
                "Los cangrejos se lavan. Pregunta a cualquiera. Pregunta a un cangrejo.",
                "Krabben waschen sich. Frag, wen du willst. Frag eine Krabbe.",
            ),
            to="enough",
        ),
    )


def _pity() -> tuple[Node, ...]:
    """Three guesses end it, or two from somebody Pim has a reason to like."""
    liked = any_of(PIM_TRUST.at_least(3), NICKNAME.equals("Pip"), PIM_BELIEVES.is_true)
    return (
        Check(
            key="enough",
            when=any_of(
                GUESSES.at_least(3),
                all_of(liked, all_of(GUESSES.at_least(2))),
            ),
            yes="pity",
            no="again",
        ),
        Say(
            key="again",
            who=PIM,
            face="grin",
            text=t("Wrong. Again?", "Mal. ¿Otra vez?", "Falsch. Noch mal?"),
            replies=(
                Reply("again", t("Again.", "Otra vez.", "Noch mal."), "once_more"),
                Reply(
                    "give_up",
                    t("I give up for now.", "Por ahora me rindo.", "Vorerst gebe ich auf."),
                    "no_key",
                ),
            ),
        ),
        Say(
            key="pity",
            who=PIM,
            face="grin",
            text=t(
                "You are terrible at this, {cast.wren.nickname}. Terrible people keep trying. "
                "Here, before you hurt yourself.",
                "Se te da fatal, {cast.wren.nickname}. Pero sigues intentándolo. Toma, antes de "
                "que te hagas daño.",
                "Du bist furchtbar schlecht, {cast.wren.nickname}. Aber du versuchst es weiter. "
                "Da, bevor du dir wehtust.",
            ),
            to="hand_over",
        ),
    )


def _key() -> tuple[Node, ...]:
    return (
        Say(
            key="cake",
            who=PIM,
            face="sad",
            text=t(
                "Nobody shares the bigger half. Wait. If you climb, I climb. Here is the key.",
                "Nadie comparte la mitad grande. Espera. Si tú subes, yo subo. Toma la llave.",
                "Die größere Hälfte gibt sonst keiner ab. Warte. Wenn du raufgehst, geh ich mit. "
                "Hier ist der Schlüssel.",
            ),
            to="hand_over",
        ),
        Do(
            key="hand_over",
            changes=(KEY.set(1), PIM_TRUST.add(1)),
            why="The winding key changes hands.",
            to="got_key",
        ),
    )
