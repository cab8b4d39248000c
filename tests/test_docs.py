"""What the documents say is so."""

import re
import subprocess
from pathlib import Path

import pytest
from click import Context

from storyarn_pipelines.cli import main
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.settings import read_settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_readmes_table_of_formats_is_the_registry() -> None:
    table = re.search(r"<!-- formats -->\n(.*?)<!-- /formats -->", README, re.DOTALL)
    assert table
    rows = [
        f"| `{name}` | {x.label}: [docs/formats/{name}.md](docs/formats/{name}.md) |"
        for name, x in FORMATS.items()
    ]
    assert table.group(1).splitlines() == rows


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_its_page(name: str) -> None:
    assert (ROOT / "docs" / "formats" / f"{name}.md").is_file()


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{x.name}" for x in ROOT.glob("docs/*.md"))])
def test_links_between_documents_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_every_setting_is_in_the_readme() -> None:
    source = (ROOT / "storyarn_pipelines" / "settings.py").read_text("utf-8")
    used = set(re.findall(r'env\.get\("(\w+)"\)', source))
    assert used == set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)) - set(FORMATS)
    assert read_settings({}).storage_url


def test_commands_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", README)) - {"nothing"} <= targets | {"needs"}
    commands = set(main.list_commands(Context(main)))
    used = set(re.findall(r"(?:bin/|`)storyarn ([a-z]+)", README))
    assert used <= commands


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help(command: str) -> None:
    found = main.commands[command]
    assert found.help
    assert all(getattr(x, "help", "") for x in found.params if x.param_type_name == "option")


def test_nothing_that_is_tracked_names_a_machine() -> None:
    """Registries and machine paths would bind the project to where it was written."""
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    # Written so that the pattern does not find itself.
    forbidden = re.compile(r"python[h]osted|registry[.]npmjs|/[w]ork/|/[r]oot/\.")
    for name in filter(None, files):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".lock", ".yaml", ".txt"} and path.is_file():
            text = path.read_text("utf-8")
            assert not forbidden.search(text), name
