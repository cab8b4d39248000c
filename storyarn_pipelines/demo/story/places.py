"""Where the night happens, and what can be carried through it."""

from storyarn_pipelines.demo.authoring.sheets import Block, Picture, Sheet
from storyarn_pipelines.demo.authoring.text import Text, t

LORE = Block("rich_text", "lore", "Lore", t(""), constant=True).for_children()
KEPT_BY = Block(
    "reference", "kept_by", "Kept by", "sheet:cast.wren", {"allowed_types": ["sheet", "flow"]}
).for_children()
FRAGILE = Block(
    "boolean", "fragile", "Fragile", False, {"mode": "two_state"}, required=True
).for_children()
TALE = Block("rich_text", "tale", "What is told about it", t("")).for_children()


def places() -> Sheet:
    """Put the places in one folder; their lore is for writers only, hence a constant."""
    return Sheet(
        "places",
        t("Places", "Lugares", "Orte"),
        (LORE,),
        (
            _place(
                "post-office",
                t("Post Office", "Oficina de correos", "Postamt"),
                "Built two stairs too low, by a nephew of the mayor of that time.",
            ),
            _market(),
            _place(
                "ferry",
                t("The Moth Ferry", "El transbordador de las polillas", "Die Mottenfähre"),
                "Lit by moths, steered by [[sheet:cast.tobias|Tobias]], owned by nobody's aunt.",
                banner="banner_quay.png",
            ),
            _place(
                "tide-tower",
                t("Tide Tower", "Torre de las mareas", "Gezeitenturm"),
                "One hundred and twelve steps; the lowest nine belong to the sea.",
            ),
            _place(
                "sea-mark",
                t("The Sea Mark", "La baliza", "Das Seezeichen"),
                "A lamp on a rock. [[flow:dawn.sea-mark|Somebody]] keeps it burning.",
                banner="banner_dawn.png",
            ),
        ),
        color="#4d7c8a",
    )


def _place(key: str, name: Text, lore: str, banner: str | None = None) -> Sheet:
    return Sheet(f"places.{key}", name, inherited={"lore": t(lore)}, banner=banner)


def _market() -> Sheet:
    return Sheet(
        "places.market",
        t("Lantern Market", "Mercado de los faroles", "Laternenmarkt"),
        (
            Block(
                "gallery",
                "wares",
                "On the stalls",
                pictures=(
                    Picture("icon_cake.png", "Honey cake", "Two coins."),
                    Picture("icon_jar.png", "Lamp moths", "Free to a good home."),
                ),
            ),
            Block("text", "sign", "Sign over the gate", t("OPEN TILL WET"), constant=True),
        ),
        inherited={"lore": t("Stands on rafts, and so is the last place to notice a flood.")},
        banner="banner_rooftops.png",
    )


def items() -> Sheet:
    """Put the things in one folder that asks of each who keeps it and what is told of it."""
    return Sheet(
        "items",
        t("Things", "Objetos", "Dinge"),
        (KEPT_BY, FRAGILE, TALE),
        (_letter(), _key(), _fork(), _jar(), _cake()),
        color="#b08d3c",
    )


def _letter() -> Sheet:
    return Sheet(
        "items.letter",
        t("The sealed letter", "La carta lacrada", "Der versiegelte Brief"),
        inherited={
            "fragile": True,
            "tale": t(
                "Posted out at sea, by somebody who kept the stamp dry in his hat.",
                "Echada al correo en alta mar por alguien que guardó el sello en el sombrero.",
                "Auf See aufgegeben, von jemandem, der die Marke im Hut trocken hielt.",
            ),
        },
    )


def _key() -> Sheet:
    return Sheet(
        "items.key",
        t("The winding key", "La llave de dar cuerda", "Der Aufziehschlüssel"),
        inherited={
            "kept_by": "sheet:cast.pim",
            "tale": t(
                "As long as a forearm. [[sheet:cast.pim|Pim]] uses it to stir soup.",
                "Larga como un antebrazo. [[sheet:cast.pim|Pim]] remueve la sopa con ella.",
                "So lang wie ein Unterarm. [[sheet:cast.pim|Pim]] rührt damit Suppe um.",
            ),
        },
    )


def _fork() -> Sheet:
    return Sheet(
        "items.fork",
        t("The tuning fork", "El diapasón", "Die Stimmgabel"),
        inherited={
            "kept_by": "sheet:cast.tobias",
            "tale": t(
                "Sings one note, and is right about it.",
                "Canta una sola nota, y con razón.",
                "Singt einen einzigen Ton und hat recht damit.",
            ),
        },
    )


def _jar() -> Sheet:
    return Sheet(
        "items.jar",
        t("A jar of lamp moths", "Un tarro de polillas", "Ein Glas Lampenmotten"),
        inherited={
            "kept_by": "flow:night.market",
            "fragile": True,
            "tale": t(
                "They glow when they are bored, which is most of the night.",
                "Brillan cuando se aburren, o sea, casi toda la noche.",
                "Sie leuchten, wenn sie sich langweilen, also fast die ganze Nacht.",
                de_is="in_progress",
            ),
        },
    )


def _cake() -> Sheet:
    return Sheet(
        "items.cake",
        t("Honey cake", "Pastel de miel", "Honigkuchen"),
        inherited={
            "kept_by": "sheet:places.market",
            "tale": t(
                "Has ended two feuds and begun one.",
                "Ha terminado dos pleitos y empezado uno.",
            ),
        },
    )
