"""The Lantern Market: honey cake, lamp moths, and a girl who has the key and knows it."""

from storyarn_pipelines.demo.authoring.flows import (
    Call,
    Check,
    Entry,
    Flow,
    Hub,
    Jump,
    Layer,
    Reply,
    Say,
    Sequence,
    Track,
    back,
)
from storyarn_pipelines.demo.authoring.logic import all_of
from storyarn_pipelines.demo.authoring.text import t
from storyarn_pipelines.demo.story.variables import CAKE, COINS, JAR, KEY, NARRATOR, PIM


def market() -> Flow:
    """Walk from stall to stall; every way leads back to the rafts or home."""
    return Flow(
        "night.market",
        "Lantern Market",
        "Called from the streets, and calls the riddle.",
        (
            _frame(),
            Entry(to="lanterns"),
            Say(
                key="lanterns",
                inside="rafts",
                who=NARRATOR,
                at="places.market",
                text=t(
                    "The market floats. Forty rafts, forty lanterns, and a smell of honey strong "
                    "enough to lean on.",
                    "El mercado flota. Cuarenta balsas, cuarenta faroles y un olor a miel en el "
                    "que uno puede apoyarse.",
                    "Der Markt schwimmt. Vierzig Flöße, vierzig Laternen und ein Honigduft, an "
                    "den man sich anlehnen kann.",
                ),
                to="stalls",
            ),
            Hub(key="stalls", label="Between the stalls", color="#d97706", to="browse"),
            _browse(),
            *_stalls(),
            Call(
                key="riddle",
                flow="night.riddle",
                outcomes={"got_key": "with_key", "no_key": "to_stalls"},
            ),
            Check(
                key="has_key",
                when=all_of(KEY.rule("not_equals", 0)),
                yes="with_key",
                no="left",
            ),
            Jump(key="to_stalls", hub="stalls"),
            back(
                "with_key", t("Left with the key", "Salida con la llave", "Mit dem Schlüssel fort")
            ),
            back("left", t("Left without it", "Salida sin ella", "Ohne ihn fort")),
        ),
        scene="halfwater.market",
    )


def _frame() -> Sequence:
    return Sequence(
        key="rafts",
        name="Forty lanterns",
        tracks=(
            Track("music", "music_night.wav", 0.6),
            Track("ambience", "ambience_water.wav", 0.7),
            Track("sfx", "sfx_coin.wav"),
        ),
        layers=(
            Layer("backdrop", "map_market.png", "The rafts", fit="cover"),
            Layer(
                "character",
                "pim_grin.png",
                "Pim",
                "bottom-right",
                (0.62, 0.3, 0.33, 0.65),
                (1.0, 1.0),
            ),
            Layer(
                "prop",
                "icon_jar.png",
                "Moths",
                "custom",
                (0.4, 0.6, 0.15, 0.25),
                (0.5, 0.5),
                opacity=0.9,
            ),
            Layer("overlay", "overlay_rain.png", "Rain, later", fit="fill", visible=False),
        ),
    )


def _browse() -> Say:
    return Say(
        key="browse",
        inside="rafts",
        who=NARRATOR,
        menu=t("Stalls", "Puestos", "Stände"),
        text=t(
            "The cake seller fans the steam your way. Beside her sits [[sheet:cast.pim|Pim Quill]] "
            "behind a wall of glowing jars.",
            "La pastelera te abanica el vapor. A su lado, [[sheet:cast.pim|Pim Quill]] se sienta "
            "tras un muro de tarros que brillan.",
            "Die Kuchenfrau fächelt dir den Dampf zu. Neben ihr sitzt [[sheet:cast.pim|Pim Quill]] "
            "hinter einer Mauer aus leuchtenden Gläsern.",
        ),
        replies=(
            Reply(
                "cake",
                t(
                    "One honey cake. (I have $satchel.tally.now.coins coins.)",
                    "Un pastel de miel. (Tengo $satchel.tally.now.coins monedas.)",
                    "Einen Honigkuchen. (Ich habe $satchel.tally.now.coins Münzen.)",
                ),
                "cake",
                all_of(COINS.at_least(2), CAKE.equals(0)),
                (COINS.subtract(2), CAKE.add(1)),
            ),
            Reply(
                "moths",
                t(
                    "Are the moths really free?",
                    "¿De verdad son gratis las polillas?",
                    "Sind die Motten wirklich umsonst?",
                ),
                "moths",
                all_of(JAR.rule("less_than", 1)),
                (JAR.add(1),),
            ),
            Reply(
                "pim",
                t(
                    "Pim, I am looking for a key.",
                    "Pim, busco una llave.",
                    "Pim, ich suche einen Schlüssel.",
                ),
                "riddle",
                all_of(KEY.equals(0)),
            ),
            Reply(
                "leave",
                t("Back to the streets.", "De vuelta a las calles.", "Zurück auf die Straße."),
                "has_key",
            ),
        ),
    )


def _stalls() -> tuple[Say, ...]:
    return (
        Say(
            key="cake",
            inside="rafts",
            who=NARRATOR,
            text=t(
                "Two coins poorer and one cake richer. The exchange rate has never felt fairer.",
                "Dos monedas menos y un pastel más. Nunca un cambio fue tan justo.",
                "Zwei Münzen ärmer, einen Kuchen reicher. Nie war ein Wechselkurs gerechter.",
            ),
            to="to_stalls",
        ),
        Say(
            key="moths",
            inside="rafts",
            who=PIM,
            face="grin",
            text=t(
                "Free to a good home. They like company, gossip and the third verse of anything.",
                "Gratis para un buen hogar. Les gustan la compañía, los chismes y la tercera "
                "estrofa de lo que sea.",
                "Umsonst in gute Hände. Sie mögen Gesellschaft, Klatsch und von allem die dritte "
                "Strophe.",
                de_is="draft",
            ),
            voice="voice_pim_moths.wav",
            voices={"es": ("needed", None), "de": ("none", None)},
            to="to_stalls",
        ),
        Say(
            key="lamplighter",
            who=NARRATOR,
            text=t("A lamplighter passes, looking for a scene to be in."),
            trashed=True,
        ),
    )
