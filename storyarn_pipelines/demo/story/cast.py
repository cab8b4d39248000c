"""The people of Halfwater, and a heron."""

from storyarn_pipelines.demo.authoring.sheets import Avatar, Block, Picture, Sheet, options
from storyarn_pipelines.demo.authoring.text import same, t
from storyarn_pipelines.demo.story.variables import AMBROSE, NARRATOR, ODILE, PIM, STILT, TOBIAS

MOODS = options(calm="Calm", worried="Worried", glad="Glad", cross="Cross")

TRUST = Block(
    "number", "trust", "Trust in Wren", 1, {"placeholder": "0", "min": 0, "max": 5, "step": 1}
).for_children()
MOOD = Block("select", "mood", "Mood", "calm", {"options": MOODS}, required=True).for_children()
WISH = Block(
    "text", "wish", "Secret wish", t(""), {"placeholder": "One line", "max_length": 80}
).for_children()
HOME = Block(
    "reference", "home", "Lives at", "sheet:places.market", {"allowed_types": ["sheet"]}
).for_children()


def cast() -> Sheet:
    """Put the people in one folder that hands trust, mood and a wish down to each of them."""
    return Sheet(
        "cast",
        t("Cast", "Reparto", "Figuren"),
        (TRUST, MOOD, WISH),
        (_wren(), _townsfolk(), _narrator()),
        description="<p>Everybody who is awake tonight.</p>",
        color="#3b6ea5",
    )


def _wren() -> Sheet:
    return Sheet(
        "cast.wren",
        same("Wren Alder"),
        (
            Block(
                "text",
                "nickname",
                "Name in the ledger",
                t("Wren", "Wren", "Wren", note="A name, never translated."),
                {"max_length": 24},
            ).beside("wren/about", 0),
            Block(
                "date",
                "born",
                "Born",
                "1917-02-11",
                {"min_date": "1900-01-01", "max_date": "1931-12-31"},
            ).beside("wren/about", 1),
            Block(
                "boolean", "apprentice", "Apprentice", True, {"mode": "two_state"}, constant=True
            ).beside("wren/about", 2),
            Block("number", "coins", "Coins", 4, {"min": 0, "max": 20, "step": 1}),
            Block("number", "courage", "Courage", 0, {"min": "0", "max": "3", "step": "1"}),
            Block(
                "multi_select",
                "skills",
                "Skills",
                ["swift_feet"],
                {
                    "options": options(
                        swift_feet="Swift feet",
                        sharp_ears="Sharp ears",
                        steady_hands="Steady hands",
                    ),
                    "max_options": 3,
                },
            ),
            Block(
                "rich_text",
                "about",
                "About",
                t(
                    "Fourteen, long-legged, and the only applicant.\n[[sheet:cast.odile|Odile]] "
                    "signs her ledger pages as <em>[[var:cast.wren.nickname]]</em>.",
                    "Catorce años, piernas largas y la única aspirante.\n"
                    "[[sheet:cast.odile|Odile]] firma sus páginas del registro como "
                    "<em>[[var:cast.wren.nickname]]</em>.",
                    "Vierzehn, langbeinig und die einzige Bewerberin.\n"
                    "[[sheet:cast.odile|Odile]] zeichnet ihre Seiten im Dienstbuch mit "
                    "<em>[[var:cast.wren.nickname]]</em> ab.",
                ),
            ),
            Block(
                "gallery",
                "looks",
                "Looks",
                pictures=(
                    Picture("wren_calm.png", "On duty", "Cap straight, for once."),
                    Picture("sketch_satchel.png", "The satchel", "Older than its carrier."),
                    Picture("sketch_tower.png", "Where she is headed"),
                ),
            ),
        ),
        inherited={
            "wish": t(
                "To be trusted with the sea round.",
                "Que me confíen la ronda del mar.",
                "Dass man mir die Seerunde anvertraut.",
            )
        },
        hidden=("trust",),
        color="#2f7f86",
        banner="banner_rooftops.png",
        avatars=(
            Avatar("calm", "wren_calm.png", "The one for most lines."),
            Avatar("worried", "wren_worried.png"),
            Avatar("smiling", "wren_smiling.png"),
        ),
    )


def _townsfolk() -> Sheet:
    return Sheet(
        "cast.town",
        t("Townsfolk", "Vecinos", "Leute der Stadt"),
        (HOME,),
        (_odile(), _tobias(), _pim(), _ambrose(), _stilt()),
        color="#8a6d3b",
    )


def _odile() -> Sheet:
    return Sheet(
        ODILE,
        same("Odile Marsh"),
        (
            Block(
                "boolean",
                "kettle_on",
                "Kettle on the stove",
                True,
                {"mode": "two_state"},
            ),
        ),
        inherited={
            "trust": 2,
            "home": "sheet:places.post-office",
            "wish": t(
                "One single dry pair of socks.",
                "Un solo par de calcetines secos.",
                "Ein einziges Paar trockene Socken.",
            ),
        },
        description="<p>Postmistress. Has read every address in town and no letter.</p>",
        color="#7a4b76",
        avatars=(Avatar("stern", "odile_stern.png"), Avatar("kind", "odile_kind.png")),
    )


def _tobias() -> Sheet:
    return Sheet(
        TOBIAS,
        same("Tobias Reed"),
        (
            Block(
                "text",
                "motto",
                "Painted on his boat",
                t("Slow is dry", "Despacio y seco", "Langsam bleibt trocken"),
            ),
        ),
        inherited={
            "home": "sheet:places.ferry",
            "wish": t(
                "A passenger who knows a song.",
                "Un pasajero que sepa una canción.",
                "Ein Fahrgast, der ein Lied kann.",
                de_is="review",
            ),
        },
        color="#3f6b4f",
        avatars=(Avatar("calm", "tobias_calm.png"), Avatar("laughing", "tobias_laughing.png")),
    )


def _pim() -> Sheet:
    return Sheet(
        PIM,
        same("Pim Quill"),
        inherited={
            "mood": "cross",
            "wish": t(
                "For grandfather to say sorry first.",
                "Que el abuelo pida perdón primero.",
                "Dass Großvater sich zuerst entschuldigt.",
                review="Lovely.",
            ),
        },
        description="<p>Ten. Sells lamp moths and riddles, both with air holes.</p>",
        color="#c2703d",
        avatars=(Avatar("grin", "pim_grin.png"), Avatar("sad", "pim_sad.png")),
    )


def _ambrose() -> Sheet:
    return Sheet(
        AMBROSE,
        same("Ambrose Quill"),
        inherited={
            "mood": "worried",
            "home": "sheet:places.sea-mark",
            "wish": t(
                "That somebody kept the time without me.",
                "Que alguien diera la hora sin mí.",
                "Dass jemand ohne mich die Zeit gehalten hat.",
            ),
        },
        color="#5a6a85",
        avatars=(Avatar("tired", "ambrose_tired.png"),),
    )


def _stilt() -> Sheet:
    return Sheet(
        STILT,
        t(
            "Old Stilt",
            "El viejo Zanco",
            "Der alte Stelz",
            note="A heron. He is addressed as a sir.",
        ),
        inherited={
            "trust": 0,
            "home": "sheet:places.ferry",
            "wish": t("Fish.", "Pescado.", "Fisch."),
        },
        detached=(
            Block(
                "select",
                "mood",
                "Mood (heron)",
                "still",
                {"options": options(still="Still", stiller="Stiller", stillest="Stillest")},
            ),
        ),
        color="#9aa7b0",
        avatars=(Avatar("still", "stilt_still.png"),),
    )


def _narrator() -> Sheet:
    return Sheet(
        NARRATOR,
        t("Narrator", "Narrador", "Erzähler"),
        hidden=("trust", "mood", "wish"),
        color="#444a5c",
    )
