"""The people and settings around the story: users, workspace, project, languages, glossary."""

from datetime import datetime

from storyarn_pipelines.demo.compiling.ledger import (
    EDITED_AT,
    OWNER_ID,
    PROJECT_ID,
    WORKSPACE_ID,
    WRITER_ID,
    Ledger,
)
from storyarn_pipelines.demo.story.glossary import GLOSSARY

WORKSPACE_SLUG = "lamplight"
PROJECT_SLUG = "the-tide-clock"
PROJECT_NAME = "The Tide Clock of Halfwater"

_LANGUAGES = (("en", "English"), ("es", "Español"), ("de", "Deutsch"))


def write_studio(ledger: Ledger) -> None:
    """Write two users, their workspace, and the project with its members."""
    for user_id, name in ((OWNER_ID, "Nora Lindqvist"), (WRITER_ID, "Iker Salas")):
        email = f"{name.split()[0].lower()}@example.test"
        ledger.add("users", email=email, display_name=name, locale="en")
        ledger.add(
            "workspace_memberships",
            role="owner" if user_id == OWNER_ID else "member",
            workspace_id=WORKSPACE_ID,
            user_id=user_id,
        )
        ledger.add(
            "project_memberships",
            role="owner" if user_id == OWNER_ID else "editor",
            project_id=PROJECT_ID,
            user_id=user_id,
        )
    ledger.add(
        "workspaces",
        name="Lamplight Stories",
        slug=WORKSPACE_SLUG,
        description="A very small studio above a very small harbour.",
        color="#f4c95d",
        source_locale="en",
        owner_id=OWNER_ID,
    )
    ledger.add(
        "projects",
        name=PROJECT_NAME,
        slug=PROJECT_SLUG,
        description="One night, one letter, and a town that sleeps below the flood.",
        settings={"theme": {"primary": "#2f7f86", "accent": "#f4c95d"}},
        workspace_id=WORKSPACE_ID,
        owner_id=OWNER_ID,
        last_activity_at=EDITED_AT,
        project_type="game",
    )


def write_languages(ledger: Ledger, archived_at: datetime) -> None:
    """Write the languages in use, one that was given up, and the glossary."""
    languages = [
        *((code, name, None) for code, name in _LANGUAGES),
        ("fr", "Français", archived_at),
    ]
    for position, (code, name, archived) in enumerate(languages):
        ledger.add(
            "project_languages",
            project_id=PROJECT_ID,
            locale_code=code,
            name=name,
            is_source=position == 0,
            position=position,
            archived_at=archived,
        )
    for term in GLOSSARY:
        for locale, translation in (("es", term.es), ("de", term.de)):
            ledger.add(
                "localization_glossary_entries",
                project_id=PROJECT_ID,
                source_term=term.en,
                source_locale="en",
                target_term=translation,
                target_locale=locale,
                context=term.context,
                do_not_translate=term.keep,
            )
