"""Random projects that a database allows and nobody would write.

Every value is a text that PostgreSQL reads. The same seed gives the same rows.
"""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import psycopg

Row = dict[str, str | None]


def _split(text: str) -> list[str]:
    """The words of a text between single blanks."""
    return text.split(" ")


WORDS = _split(
    "apple Zebra zebra _ - a A ä Ä z ß ﬀ é e\u0301 o\u0308\u0323 null NaN 0 12 007 true {}"
    " [] \\N\\. \\u0041 %s {0} $1 ' '' \" \"\" / // \\/ \\ \\\\ a/b \ufeffbom \ufffd \uffff"
    " \U0010ffff 😀 👨\u200d👩\u200d👧 שלום مرحبا ٣٤ 日本 <p>…</p> <!--"
)
ODDITIES = (
    "",
    " ",
    "  two  blanks  ",
    "tab\there",
    "line\none",
    "\r\n",
    "\u0085next\u2028line\u2029end",
    "\x7f",
    "\u202eright\u202c",
    '{"a": [1, 2]}',
    "12\n",
    "\u00a0",
    *(chr(code) for code in range(1, 32)),
)
NUMBERS = _split(
    "0 -0 1 -5 12 1.50 0.000 -0.0 1e5 1E-7 5e-324 1e400 -1e-400 12345678901234567890.10"
    " 123456789012345678901234567890 9007199254740993 0.1e1"
)
DOUBLES = _split(
    "0 -0 1 100 0.1 0.3 -0.25 33.333333333333336 1e15 1e16 1e-4 1e-5 5e-324 NaN Infinity"
    " -Infinity 1.7976931348623157e308 9007199254740993 123456789.125"
)
UNIT_DOUBLES = _split("0 -0 1 0.5 0.1 0.3333333333333333 1e-5 1e-300")
INTEGERS = _split("0 1 2 -5 12 100 2147483647 -2147483648")
POSITIONS = (None, "0", "1", "1", "1", "2", "3", "-5", "10", "2147483647")
TIMES = (
    "2025-01-01 08:00:00",
    "2025-01-01 08:00:00",
    "2025-01-01 08:00:01",
    "2024-02-29 23:59:59",
    "1969-12-31 23:59:59",
    "0001-01-01 00:00:00",
    "12000-05-06 07:08:09",
    "9999-12-31 23:59:59",
    "infinity",
    "-infinity",
)
LOCALES = _split("en es de pt-br fr zh-hant-tw aaa aa-00")
SHORTCUTS = _split(
    'a a.b a%2Eb mc.jaime 12 007 12.3 ٣٤ x- A/b é quo"te back\\slash value.content name a.b.c'
)
VARIABLES = ("b", "c", "b.c", "title", "value.content", "", "%2E", " ", "é", "12", None, None)
NODE_TYPES = _split(
    "entry exit dialogue dialogue dialogue dialogue condition instruction hub jump subflow"
    " annotation sequence"
)
BLOCK_TYPES = _split(
    "text rich_text number select multi_select date boolean reference table gallery hologram"
)
RESPONSES = ("a", "b", "12", "response_7f", "x" * 100)
FIELDS = {
    "flow_node": (
        _split("text stage_directions menu_text label") + [f"response.{r}.text" for r in RESPONSES]
    ),
    "block": ["value.content"],
    "sheet": ["name"],
}
ROLES = {
    "text": "dialogue",
    "stage_directions": "stage_direction",
    "menu_text": "menu",
    "label": "exit",
    "value.content": "runtime_value",
    "name": "speaker_name",
}
SLOTS = _split("full left center custom top-left bottom-right")

EXTRA_COLUMNS = (
    ('"Extra json"', "jsonb"),
    ('"select"', "text[]"),
    ("amount", "numeric"),
    ("price", "numeric(12,4)"),
    ("seen_at", "timestamptz"),
    ("due_at", "timestamp"),
    ("born_on", "date"),
    ('"ünï ""quoted"""', "uuid"),
    ("mood", "mood"),
    ("reviewer_id", "bigint REFERENCES users (id)"),
    ("approver", "bigint REFERENCES users (id)"),
    ("cover_id", "bigint REFERENCES assets (id)"),
    ("cast_sheet", "bigint REFERENCES sheets (id)"),
    ("lucky_id", "bigint"),
    ("is_odd", "boolean"),
    ("level", "smallint"),
    ("ratio", "real"),
    ("factor", "double precision"),
    ("note", "text"),
    ("payload", "bytea"),
    ("lasts", "interval"),
    ("numbers", "integer[]"),
)
EXTENDED_TABLES = _split(
    "projects assets sheets blocks sheet_avatars table_rows scenes scene_pins scene_zones"
    " scene_ambient_flows flows flow_nodes flow_connections flow_node_sequence_configs"
    " flow_node_sequence_tracks project_languages localized_texts localization_glossary_entries"
)
EXTRA_VALUES: dict[str, Sequence[str]] = {
    "text[]": ("{}", '{a,NULL,"b c"}', '{"quo\\"te",é}'),
    "numeric": (*NUMBERS[:11], "NaN", "Infinity", "-Infinity"),
    "numeric(12,4)": ("1.5", "-0", "NaN", "12345678.12345"),
    "timestamptz": ("2025-06-01 12:00:00.25+05:30", "infinity", "-infinity", "0001-01-02 00:00Z"),
    "timestamp": ("2025-06-01 12:00:00.25", "12000-01-01 00:00:00", "infinity"),
    "date": ("2025-06-01", "0001-01-01", "infinity"),
    "uuid": ("0B8E7A52-13C4-4D57-9A8F-5A0C3D1E2F40",),
    "mood": ("good", "so so", 'ba"d'),
    "bigint": ("0", "-1", "9223372036854775807"),
    "boolean": ("true", "false"),
    "smallint": ("0", "-32768"),
    "real": ("0.1", "1e10", "NaN", "-Infinity", "-0"),
    "double precision": DOUBLES,
    "bytea": ("\\x", "\\x00ff41", "\\x5c22"),
    "interval": ("1 day 02:03:04.5", "-3 mons"),
    "integer[]": ("{}", "{1,NULL,3}", "{{1,2},{3,4}}"),
}


def add_columns(connection: psycopg.Connection, rng: random.Random) -> None:
    """Give a few tables columns that nobody has heard of, and move a known one to the end."""
    connection.execute("CREATE TYPE mood AS ENUM ('good', 'so so', 'ba\"d')")
    for table in rng.sample(EXTENDED_TABLES, 9):
        for name, kind in rng.sample(EXTRA_COLUMNS, rng.randint(1, 7)):
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}".encode())
    for table in rng.sample(["sheets", "flows", "scenes"], 2):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN description".encode())
        connection.execute(f"ALTER TABLE {table} ADD COLUMN description text".encode())


def disturb(connection: psycopg.Connection, database: str) -> None:
    """Defaults of a database that change how PostgreSQL prints values."""
    for setting in (
        "TimeZone = 'Asia/Kolkata'",
        "DateStyle = 'SQL, DMY'",
        "extra_float_digits = -3",
        "bytea_output = 'escape'",
        "IntervalStyle = 'iso_8601'",
    ):
        connection.execute(f'ALTER DATABASE "{database}" SET {setting}'.encode())


@dataclass
class Made:
    """The ids of what a project has, in and out of the trash."""

    id: str = ""
    assets: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    scenes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    nodes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def all_nodes(self) -> list[str]:
        """The nodes of all flows."""
        return [node for nodes in self.nodes.values() for node in nodes]


@dataclass(frozen=True)
class Shape:
    """How large a project gets: at most so many rows of a kind together, none in some tables."""

    most: int = 1_000
    without: frozenset[str] = frozenset()


class Generator:
    """Fills one database; projects that come later refer to earlier ones now and then."""

    def __init__(self, connection: psycopg.Connection, shape: Shape | None = None) -> None:
        self.connection = connection
        self.shape = shape or Shape()
        self.rng = random.Random(0)
        self.taken: dict[str, set[int]] = {}
        self.other = Made()
        self.columns: dict[str, dict[str, tuple[str, str | None]]] = {}
        connection.execute("SET session_replication_role = replica")
        self.users = self._users()

    # Values

    def chance(self, likelihood: float) -> bool:
        return self.rng.random() < likelihood

    def pick(self, *values: str | None) -> str | None:
        return self.rng.choice(values)

    def flag(self) -> str:
        return self.rng.choice(("true", "false"))

    def text(self, limit: int = 255, *, empty: bool = True) -> str:
        """A few odd words."""
        rng = self.rng
        if limit > 1000 and self.chance(0.03):
            return rng.choice(WORDS) * rng.randint(1000, 3000) + "."
        parts = rng.choices(WORDS, k=rng.randint(1, 3))
        if self.chance(0.3):
            parts.insert(rng.randint(0, len(parts)), rng.choice(ODDITIES))
        made = rng.choice(ODDITIES) if self.chance(0.1) else rng.choice(("", " ")).join(parts)
        return made[:limit] if made or empty else "x"

    def maybe(self, limit: int = 255) -> str | None:
        return None if self.chance(0.2) else self.text(limit)

    def time(self) -> str:
        return self.rng.choice(TIMES)

    def deleted(self) -> str | None:
        return self.time() if self.chance(0.2) else None

    def user(self) -> str | None:
        return self.pick(None, *self.users)

    def one_of(self, own: Sequence[str], foreign: Sequence[str], null: float = 0.3) -> str | None:
        """An id of this project, of another one, or NULL."""
        if self.chance(null):
            return None
        ids = foreign if foreign and self.chance(0.08) else own
        return self.rng.choice(ids) if ids else None

    def json(self, depth: int = 3) -> str:
        """A JSON text of any shape."""
        rng = self.rng
        if depth == 3 and self.chance(0.03):
            levels = rng.randint(20, 50)
            return '[{"a": ' * levels + self.json(0) + "}]" * levels
        kind = rng.choice("nsbz" if depth == 0 else "nsbzoooaa")
        if kind == "n":
            return rng.choice(NUMBERS)
        if kind == "s":
            return json.dumps(self.text(2000), ensure_ascii=self.chance(0.5))
        if kind == "b":
            return rng.choice(("true", "false"))
        if kind == "z":
            return "null"
        items = [self.json(depth - 1) for _ in range(rng.randint(0, 4))]
        if kind == "a":
            return "[" + rng.choice((",", " , ")).join(items) + "]"
        keys = [rng.choice((*WORDS, *ODDITIES, "a", "a ", "A", "id", "id")) for _ in items]
        pairs = [f"{json.dumps(k)}: {v}" for k, v in zip(keys, items, strict=True)]
        return "{" + ", ".join(pairs) + "}"

    def object_json(self, members: dict[str, str]) -> str:
        """An object of JSON texts, with something else in it."""
        pairs = [(json.dumps(k), v) for k, v in members.items() if not self.chance(0.1)]
        if self.chance(0.3):
            pairs.append((json.dumps(self.text(50)), self.json(2)))
        self.rng.shuffle(pairs)
        return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"

    def json_id(self, own: Sequence[str], foreign: Sequence[str]) -> str:
        """An id as JSON holds it, or what stands in its place."""
        key = self.one_of(own, foreign, 0) or "1"
        if self.chance(0.6):
            return self.rng.choice((key, f'"{key}"'))
        return self.rng.choice(
            (
                f"{key}.0",
                f"{key}.5",
                f'"{key}.0"',
                f'" {key}"',
                f'"{key}\\n"',
                f'"+{key}"',
                f"-{key}",
                f'"x{key}"',
                f"[{key}]",
                f'{{"id": {key}}}',
                "null",
                "true",
                '""',
                "999999999",
                '"999999999"',
                "99999999999999999999999",
                '"99999999999999999999999"',
                '"' + key.translate({48 + digit: 0x660 + digit for digit in range(10)}) + '"',
                "1e400",
            )
        )

    # Rows

    def _users(self) -> list[str]:
        users: list[Row] = [
            {"email": f"{name}{number}@example.test", "inserted_at": TIMES[0]}
            for number, name in enumerate(("Olga", 'quo"te', "back\\slash", "é"))
        ]
        return self.insert("users", users)

    def new_id(self, table: str, *, small: bool = False) -> str:
        """An unused id of any size."""
        taken = self.taken.setdefault(table, set())
        while True:
            if not small and self.chance(0.04):
                key = self.rng.randint(2**53, 2**63 - 1)
            else:
                key = int(10 ** self.rng.uniform(0, 4.7))
            if key not in taken:
                taken.add(key)
                return str(key)

    def described(self, table: str) -> dict[str, tuple[str, str | None]]:
        """Type and referenced table of every column."""
        if table not in self.columns:
            found = self.connection.execute(
                """SELECT a.attname, format_type(a.atttypid, a.atttypmod), (
                       SELECT c.confrelid::regclass::text FROM pg_constraint c WHERE
                       c.conrelid = a.attrelid AND c.contype = 'f' AND c.conkey = ARRAY[a.attnum])
                   FROM pg_attribute a
                   WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped""",
                [table],
            )
            self.columns[table] = {name: (kind, target) for name, kind, target in found}
        return self.columns[table]

    def extra(self, kind: str, target: str | None, made: Made) -> str | None:
        """A value of an unknown column."""
        if self.chance(0.3):
            return None
        if target is not None:
            ids = {"users": self.users, "assets": made.assets, "sheets": made.sheets}[target]
            return self.pick(None, *ids)
        if kind == "jsonb":
            return self.json()
        if kind == "text":
            return self.text()
        kind = kind.replace(" without time zone", "").replace(
            "timestamp with time zone", "timestamptz"
        )
        return self.rng.choice(EXTRA_VALUES[kind])

    def insert(self, table: str, rows: Iterable[Row], made: Made | None = None) -> list[str]:
        """Insert rows unless a unique index objects; the ids of those that are there."""
        if table in self.shape.without:
            return []
        columns = self.described(table)
        known = {name for name in columns if _quoted(name) not in _EXTRA_NAMES}
        wanted = []
        for row in rows:
            full: Row = {"inserted_at": self.time(), "updated_at": self.time(), **row}
            if "id" in columns:
                full.setdefault("id", self.new_id(table, small=made is None))
            for name in sorted(columns.keys() - known):
                full[name] = self.extra(*columns[name], made or Made())
            wanted.append(full)
        if not wanted:
            return []
        names = sorted(wanted[0])
        self.connection.cursor().executemany(
            f"INSERT INTO {table} ({', '.join(map(_quoted, names))}) VALUES"
            f" ({', '.join(['%s'] * len(names))}) ON CONFLICT DO NOTHING".encode(),
            [[row[name] for name in names] for row in wanted],
        )
        if "id" not in columns:
            return []
        ids = [row["id"] or "" for row in wanted]
        there = self.connection.execute(
            f"SELECT id::text FROM {table} WHERE id::text = ANY(%s)".encode(), [ids]
        ).fetchall()
        return sorted((key for (key,) in there), key=int)

    def repeat(self, most: int, make: Callable[[], Row], *, empty: float = 0.2) -> list[Row]:
        """No rows, or some."""
        count = 0 if self.chance(empty) else self.rng.randint(1, min(most, self.shape.most))
        return [make() for _ in range(count)]

    def plant(self, table: str, own: Sequence[str], foreign: Sequence[str]) -> None:
        """Make a forest of rows, with rings and parents from elsewhere."""
        for key in own:
            parent = self.one_of(own, foreign, 0.35)
            if parent is not None and (parent != key or self.chance(0.5)):
                self.connection.execute(
                    f"UPDATE {table} SET parent_id = %s WHERE id = %s".encode(), [parent, key]
                )

    # A project

    def fill(self, seed: int) -> list[str]:
        """One or two projects; their ids."""
        self.rng = random.Random(seed)
        (workspace,) = self.insert(
            "workspaces",
            [{"name": "w", "slug": f"w-{seed}", "owner_id": self.users[0]}],
        )
        return [self.project(workspace, n) for n in range(self.rng.choice((1, 2, 2)))]

    def project(self, workspace: str, number: int) -> str:
        """A project with all that belongs to it."""
        made = Made()
        (made.id,) = self.insert(
            "projects",
            [
                {
                    "name": self.text(100),
                    "slug": f"p-{number}",
                    "description": self.maybe(5000),
                    "settings": self.pick(None, self.json()),
                    "workspace_id": workspace,
                    "owner_id": self.rng.choice(self.users),
                    "auto_version_flows": self.flag(),
                    "deleted_at": self.deleted(),
                    "deleted_by_id": self.user(),
                    "last_activity_at": self.time(),
                    "project_type": self.pick(None, "game", "novel"),
                    "project_type_other": self.maybe(),
                    "created_from_template_version_id": self.pick(None, "5"),
                }
            ],
            made,
        )
        if self.chance(0.9):
            self.assets(made)
            self.sheets(made)
            self.scenes(made)
            self.flows(made)
            self.scene_contents(made)
            self.localization(made)
        self.other = made
        return made.id

    def assets(self, made: Made) -> None:
        def asset() -> Row:
            deleted = self.deleted()
            return {
                "filename": self.text(),
                "content_type": self.text(),
                "size": self.rng.choice(INTEGERS),
                "key": f"{self.rng.random()}/{self.text(100)}",
                "url": self.maybe(),
                "metadata": None,
                "project_id": made.id,
                "uploaded_by_id": self.user(),
                "blob_hash": self.pick(None, "ab" * 32, "cd" * 32),
                "deleted_at": deleted,
                "deleted_by_id": self.user() if deleted else None,
                "deletion_reason": "user" if deleted else None,
                "deletion_generation": "7" if deleted else self.pick("0", "3"),
            }

        made.assets = self.insert("assets", self.repeat(14, asset, empty=0.1), made)
        for key in made.assets:
            ids = (made.assets, self.other.assets)
            variants = self.object_json({"web": self.json_id(*ids), "x": self.json_id(*ids)})
            members = {
                "original_asset_id": self.json_id(*ids),
                "web_asset_id": self.json_id(*ids),
                "variant_asset_ids": self.rng.choice((variants, variants, self.json(1), "[1]")),
            }
            chosen = self.rng.sample(sorted(members), self.rng.randint(0, 2))
            metadata = self.object_json({name: members[name] for name in chosen})
            self.connection.execute(
                "UPDATE assets SET metadata = %s WHERE id = %s",
                [self.rng.choice((metadata, metadata, metadata, self.json(), None)), key],
            )

    def asset_of(self, made: Made, null: float = 0.6) -> str | None:
        return self.one_of(made.assets, self.other.assets, null)

    def shortcut(self) -> str | None:
        return self.pick(None, None, "", "12\n", *SHORTCUTS, f"s.{self.rng.randint(0, 99)}")

    def sheets(self, made: Made) -> None:
        rows = self.repeat(
            12,
            lambda: {
                "name": self.text(),
                "position": self.pick(*POSITIONS),
                "description": self.maybe(5000),
                "shortcut": self.shortcut(),
                "color": self.maybe(),
                "deleted_at": self.deleted(),
                "hidden_inherited_block_ids": self.pick(None, "{}", "{1}", "{12,NULL,-5}"),
                "project_id": made.id,
                "banner_asset_id": self.asset_of(made),
            },
            empty=0.1,
        )
        made.sheets = self.insert("sheets", rows, made)
        self.plant("sheets", made.sheets, self.other.sheets)
        for sheet in made.sheets:
            if made.assets:
                rows = self.repeat(3, partial(self._avatar, made, sheet))
                self.insert("sheet_avatars", rows, made)
            rows = self.repeat(5, partial(self._block, sheet))
            blocks = self.insert("blocks", rows, made)
            for block in blocks:
                self.connection.execute(
                    "UPDATE blocks SET inherited_from_block_id = %s WHERE id = %s",
                    [self.one_of(made.blocks, self.other.blocks, 0.7), block],
                )
                self.block_contents(made, block)
            made.blocks += blocks

    def _avatar(self, made: Made, sheet: str) -> Row:
        return {
            "name": self.maybe(),
            "notes": self.maybe(5000),
            "position": self.rng.choice(INTEGERS),
            "is_default": self.flag(),
            "sheet_id": sheet,
            "asset_id": self.asset_of(made, 0) or made.assets[0],
        }

    def _block(self, sheet: str) -> Row:
        return {
            "type": self.rng.choice(BLOCK_TYPES),
            "position": self.pick(*POSITIONS),
            "config": self.pick(None, self.json()),
            "value": self.pick(None, self.json()),
            "is_constant": self.pick("true", "false", "false"),
            "variable_name": self.pick(*VARIABLES),
            "deleted_at": self.deleted(),
            "scope": self.pick(None, "self", "children", "odd"),
            "detached": self.pick(None, "true", "false"),
            "required": self.pick(None, "true", "false"),
            "column_group_id": self.pick(None, "0b8e7a52-13c4-4d57-9a8f-5a0c3d1e2f40"),
            "column_index": self.pick(None, *INTEGERS),
            "sheet_id": sheet,
            "inherited_from_block_id": None,
            "word_count": self.rng.choice(INTEGERS),
        }

    def block_contents(self, made: Made, block: str) -> None:
        self.insert(
            "table_columns",
            self.repeat(
                3,
                lambda: {
                    "block_id": block,
                    "name": self.text(),
                    "slug": self.text(),
                    "type": self.text(20),
                    "is_constant": self.flag(),
                    "required": self.flag(),
                    "position": self.rng.choice(INTEGERS),
                    "config": self.json(),
                },
                empty=0.75,
            ),
            made,
        )
        self.insert(
            "table_rows",
            self.repeat(
                3,
                lambda: {
                    "block_id": block,
                    "name": self.text(),
                    "slug": self.text(),
                    "position": self.rng.choice(INTEGERS),
                    "cells": self.json(),
                },
                empty=0.75,
            ),
            made,
        )
        if made.assets:
            self.insert(
                "block_gallery_images",
                self.repeat(
                    3,
                    lambda: {
                        "label": self.maybe(),
                        "description": self.maybe(5000),
                        "position": self.rng.choice(INTEGERS),
                        "block_id": block,
                        "asset_id": self.asset_of(made, 0),
                    },
                    empty=0.75,
                ),
                made,
            )

    def scenes(self, made: Made) -> None:
        rows = self.repeat(
            6,
            lambda: {
                "name": self.text(),
                "description": self.maybe(5000),
                "shortcut": self.shortcut(),
                "width": self.pick(None, *INTEGERS),
                "height": self.pick(None, *INTEGERS),
                "default_zoom": self.pick(None, *DOUBLES),
                "default_center_x": self.pick(None, *DOUBLES),
                "default_center_y": self.pick(None, *DOUBLES),
                "scale_unit": self.maybe(),
                "scale_value": self.pick(None, *DOUBLES),
                "position": self.pick(*POSITIONS),
                "deleted_at": self.deleted(),
                "project_id": made.id,
                "background_asset_id": self.asset_of(made),
                "exploration_display_mode": self.text(),
                "fog_color": self.maybe(),
                "fog_opacity": self.rng.choice(DOUBLES),
            },
        )
        made.scenes = self.insert("scenes", rows, made)
        self.plant("scenes", made.scenes, self.other.scenes)

    def flows(self, made: Made) -> None:
        rows = self.repeat(
            9,
            lambda: {
                "name": self.text(),
                "description": self.maybe(5000),
                "shortcut": self.shortcut(),
                "is_main": self.flag(),
                "settings": self.pick(None, self.json()),
                "position": self.pick(*POSITIONS),
                "deleted_at": self.deleted(),
                "project_id": made.id,
                "scene_id": self.one_of(made.scenes, self.other.scenes),
            },
            empty=0.1,
        )
        made.flows = self.insert("flows", rows, made)
        self.plant("flows", made.flows, self.other.flows)
        for flow in made.flows:
            rows = self.repeat(10, partial(self._node, made, flow), empty=0.3)
            made.nodes[flow] = self.insert("flow_nodes", rows, made)
        for flow, nodes in made.nodes.items():
            self.plant("flow_nodes", nodes, made.all_nodes)
            for node in nodes:
                self.sequence(made, node)
            ends = [*nodes, *nodes, *nodes, *made.all_nodes, *self.other.all_nodes[:2]]
            if nodes:
                rows = self.repeat(9, partial(self._connection, flow, ends))
                self.insert("flow_connections", rows, made)

    def _connection(self, flow: str, ends: Sequence[str]) -> Row:
        return {
            "source_pin": self.text(100),
            "target_pin": self.pick("input", self.text(100)),
            "label": self.maybe(),
            "flow_id": flow,
            "source_node_id": self.rng.choice(ends),
            "target_node_id": self.rng.choice(ends),
        }

    def _node(self, made: Made, flow: str) -> Row:
        sheets, flows, assets = (
            (made.sheets, self.other.sheets),
            (made.flows, self.other.flows),
            (made.assets, self.other.assets),
        )
        data = self.object_json(
            {
                "text": json.dumps(self.text(3000)),
                "speaker_sheet_id": self.json_id(*sheets),
                "referenced_flow_id": self.json_id(*flows),
                "audio_asset_id": self.json_id(*assets),
                "localization_id": self.localization_id(),
                "responses": self.json(2),
            }
        )
        return {
            "type": self.rng.choice(NODE_TYPES),
            "position_x": self.rng.choice(DOUBLES),
            "position_y": self.rng.choice(DOUBLES),
            "data": self.rng.choice((data, data, data, data, self.json(), None)),
            "deleted_at": self.deleted(),
            "flow_id": flow,
            "word_count": self.rng.choice(INTEGERS),
            "derivatives_fingerprint": self.maybe(),
        }

    def localization_id(self) -> str:
        """A JSON text: usable, used twice, or neither."""
        if self.chance(0.6):
            return f'"dialogue_{self.rng.randint(0, 6)}"'
        return self.rng.choice(
            (
                '"612"',
                '"٣٤"',
                '"a.b"',
                '"a b"',
                '"é"',
                '"abc\\n"',
                '"-5"',
                '"_"',
                '""',
                "null",
                "true",
                "-5",
                "17",
                "[]",
                '{"a": 1}',
                json.dumps("y" * 100),
                json.dumps("y" * 101),
            )
        )

    def sequence(self, made: Made, node: str) -> None:
        """The side rows of a sequence; other nodes have them too now and then."""
        if self.chance(0.7):
            return
        if self.chance(0.6):
            config: Row = {
                "flow_node_id": node,
                "name": self.text(200, empty=False),
                "width": self.rng.choice(DOUBLES),
                "height": self.rng.choice(DOUBLES),
            }
            self.insert("flow_node_sequence_configs", [config], made)
        self.insert(
            "flow_node_sequence_tracks",
            self.repeat(
                3,
                lambda: {
                    "flow_node_id": node,
                    "kind": self.pick("music", "ambience", "sfx"),
                    "position": self.rng.choice(INTEGERS),
                    "asset_id": self.asset_of(made),
                    "start_time": self.pick(None, "NaN", "1.5", "-3.125", "9999999.999", "-0"),
                    "end_time": self.pick(None, "NaN", "0", "0.001"),
                    "volume": self.pick(None, "0", "1", "0.25"),
                },
            ),
            made,
        )
        if made.assets:
            self.insert(
                "flow_node_sequence_visual_layers",
                self.repeat(3, lambda: self._visual_layer(made, node)),
                made,
            )

    def _visual_layer(self, made: Made, node: str) -> Row:
        lengths = [value for value in UNIT_DOUBLES if float(value) > 0]
        return {
            "flow_node_id": node,
            "asset_id": self.asset_of(made, 0),
            "kind": self.pick("backdrop", "character", "prop", "overlay"),
            "label": self.maybe(120),
            "z_index": self.rng.choice(INTEGERS),
            "slot": self.rng.choice(SLOTS),
            "x": self.rng.choice(UNIT_DOUBLES),
            "y": self.rng.choice(UNIT_DOUBLES),
            "width": self.rng.choice(lengths),
            "height": self.rng.choice(lengths),
            "anchor_x": self.rng.choice(UNIT_DOUBLES),
            "anchor_y": self.rng.choice(UNIT_DOUBLES),
            "fit": self.pick("cover", "contain", "fill"),
            "opacity": self.rng.choice(UNIT_DOUBLES),
            "visible": self.flag(),
        }

    def scene_contents(self, made: Made) -> None:
        for scene in made.scenes:
            self._placed(made, scene)

    def _placed(self, made: Made, scene: str) -> None:
        layers = self.insert(
            "scene_layers",
            self.repeat(
                4,
                lambda: {
                    "name": self.text(),
                    "is_default": self.pick(None, "true", "false"),
                    "position": self.pick(*POSITIONS),
                    "visible": self.pick(None, "true", "false"),
                    "fog_enabled": self.flag(),
                    "scene_id": scene,
                },
            ),
            made,
        )
        common = partial(self._placement, scene, layers)
        pins = self.insert("scene_pins", self.repeat(5, lambda: self._pin(made) | common()), made)
        self.insert("scene_zones", self.repeat(4, lambda: self._zone(made) | common()), made)
        self.insert(
            "scene_annotations",
            self.repeat(
                4,
                lambda: {
                    "text": self.text(5000),
                    "position_x": self.rng.choice(DOUBLES),
                    "position_y": self.rng.choice(DOUBLES),
                    "font_size": self.maybe(),
                    "color": self.maybe(),
                    **common(),
                },
            ),
            made,
        )
        self.insert(
            "scene_connections",
            self.repeat(
                5,
                lambda: {
                    "line_style": self.maybe(),
                    "color": self.maybe(),
                    "label": self.maybe(),
                    "bidirectional": self.pick(None, "true", "false"),
                    "waypoints": self.pick(None, self.json()),
                    "show_label": self.flag(),
                    "line_width": self.pick(None, *INTEGERS),
                    "scene_id": scene,
                    "from_pin_id": self.one_of(pins, ()),
                    "to_pin_id": self.one_of(pins, ()),
                    "from_stop": self.flag(),
                    "from_pause_ms": self.pick(None, *INTEGERS),
                },
            ),
            made,
        )
        flows = made.flows + self.other.flows[:1]
        if flows:
            self.insert(
                "scene_ambient_flows",
                self.repeat(
                    4,
                    lambda: {
                        "scene_id": scene,
                        "flow_id": self.rng.choice(flows),
                        "trigger_type": self.text(),
                        "enabled": self.flag(),
                        "position": self.pick("0", "0", *INTEGERS),
                        "trigger_config": self.json(),
                        "priority": self.rng.choice(INTEGERS),
                    },
                ),
                made,
            )

    def _placement(self, scene: str, layers: Sequence[str]) -> Row:
        return {
            "position": self.pick(*POSITIONS),
            "locked": self.flag(),
            "scene_id": scene,
            "layer_id": self.one_of(layers, ()),
        }

    def _pin(self, made: Made) -> Row:
        return {
            "position_x": self.rng.choice(DOUBLES),
            "position_y": self.rng.choice(DOUBLES),
            "pin_type": self.maybe(),
            "icon": self.maybe(),
            "label": self.maybe(),
            "tooltip": self.maybe(5000),
            "size": self.maybe(),
            "opacity": self.pick(None, *DOUBLES),
            "condition": self.pick(None, self.json()),
            "condition_effect": self.maybe(),
            "sheet_id": self.one_of(made.sheets, self.other.sheets, 0.5),
            "icon_asset_id": self.asset_of(made),
            "is_playable": self.flag(),
            "is_leader": self.flag(),
            "patrol_mode": self.text(),
            "patrol_speed": self.rng.choice(DOUBLES),
            "patrol_pause_ms": self.rng.choice(INTEGERS),
            "shortcut": self.shortcut(),
            "hidden": self.flag(),
            "flow_id": self.one_of(made.flows, self.other.flows, 0.5),
        }

    def _zone(self, made: Made) -> Row:
        return {
            "name": self.text(),
            "vertices": self.json(),
            "fill_color": self.maybe(),
            "border_width": self.pick(None, *INTEGERS),
            "border_style": self.maybe(),
            "opacity": self.pick(None, *DOUBLES),
            "target_type": self.pick(None, "flow", "scene", "odd"),
            "target_id": self.pick(None, *INTEGERS),
            "tooltip": self.maybe(5000),
            "action_type": self.text(),
            "action_data": self.json(),
            "condition": self.pick(None, self.json()),
            "condition_effect": self.maybe(),
            "is_walkable": self.flag(),
            "shortcut": self.shortcut(),
            "hidden": self.flag(),
            "label_font_size": self.rng.choice(INTEGERS),
            "label_font_family": self.text(),
            "label_icon_asset_id": self.asset_of(made),
        }

    def localization(self, made: Made) -> None:
        self.insert(
            "project_languages",
            self.repeat(
                7,
                lambda: {
                    "project_id": made.id,
                    "locale_code": self.rng.choice(LOCALES),
                    "name": self.text(),
                    "is_source": self.pick("true", "false", "false"),
                    "position": self.pick(*POSITIONS),
                    "archived_at": self.deleted(),
                },
                empty=0.1,
            ),
            made,
        )
        self.insert("localized_texts", self.repeat(120, lambda: self._text(made)), made)
        self.insert(
            "localization_glossary_entries",
            self.repeat(
                12,
                lambda: {
                    "project_id": made.id,
                    "source_term": self.rng.choice(("ale", "Ale", "Ærø", self.text())),
                    "source_locale": self.rng.choice(LOCALES[:4]),
                    "target_term": self.maybe(),
                    "target_locale": self.rng.choice(LOCALES[:5]),
                    "context": self.maybe(5000),
                    "do_not_translate": self.flag(),
                },
            ),
            made,
        )

    def _text(self, made: Made) -> Row:
        kind = self.rng.choice(("flow_node", "flow_node", "flow_node", "block", "sheet"))
        own = {"flow_node": made.all_nodes, "block": made.blocks, "sheet": made.sheets}[kind]
        other = self.other
        foreign = {"flow_node": other.all_nodes, "block": other.blocks, "sheet": other.sheets}[kind]
        ids = [key for key in own if int(key) < 2**31] or ["1"]
        foreign = [key for key in foreign if int(key) < 2**31]
        dangling = str(self.rng.randint(1, 99999))
        source = dangling if self.chance(0.06) else self.one_of(ids, foreign, 0)
        source_field = self.rng.choice(FIELDS[kind])
        role = ROLES.get(source_field, "response")
        eligible = role in ("dialogue", "response")
        asset = self.asset_of(made) if eligible else None
        final = self.chance(0.4)
        digest = self.pick(None, "1" * 64, "2" * 64)
        translated = f"x{self.text(2000)}" if final else self.maybe(2000)
        archived = self.deleted()
        return {
            "project_id": made.id,
            "source_type": kind,
            "source_id": source,
            "source_field": source_field,
            "source_text": self.maybe(2000),
            "source_text_hash": digest,
            "locale_code": self.rng.choice(LOCALES),
            "translated_text": translated,
            "status": "final" if final else self.pick("pending", "draft", "odd"),
            "vo_status": (self.pick("recorded", "approved", "needed") if asset else "none"),
            "vo_asset_id": asset,
            "translator_notes": self.maybe(2000),
            "reviewer_notes": self.maybe(2000),
            "speaker_sheet_id": self.one_of(made.sheets, other.sheets),
            "word_count": self.pick(None, *INTEGERS),
            "machine_translated": self.flag(),
            "last_translated_at": self.pick(None, *TIMES),
            "last_reviewed_at": self.pick(None, *TIMES),
            "translated_by_id": self.user(),
            "reviewed_by_id": self.user(),
            "translated_source_hash": digest if final else None,
            "lock_version": self.rng.choice(INTEGERS),
            "content_role": role,
            "vo_eligible": "true" if eligible else "false",
            "archived_at": archived,
            "archive_reason": "source_deleted" if archived else None,
        }


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_EXTRA_NAMES = {name if name.startswith('"') else f'"{name}"' for name, _ in EXTRA_COLUMNS}
