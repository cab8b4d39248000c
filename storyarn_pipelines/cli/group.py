"""How the command line fails: one line on standard error and a meaningful exit code."""

import os
import sys
from typing import Any, NoReturn

import click

from storyarn_pipelines.errors import (
    OptionError,
    StoryarnError,
    UnknownFormatError,
    UsageError,
    ValidationFailedError,
)

REFUSED = 1
WRONG_USAGE = 2
VALIDATION_ERRORS = 3
DIFFERENT = 4
INTERRUPTED = 130


class OneLineErrors(click.Group):
    """A group whose errors are one line each; results alone go to standard output."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run a command and leave with its exit code."""
        kwargs["standalone_mode"] = False
        try:
            status = super().main(*args, **kwargs)
            sys.stdout.flush()
        except click.ClickException as error:
            fail(_usage_text(error), WRONG_USAGE)
        except StoryarnError as error:
            fail(str(error), _exit_code(error))
        except (click.Abort, KeyboardInterrupt):
            fail("cancelled; nothing was left behind", INTERRUPTED)
        except BrokenPipeError:
            # Whoever read our output has gone: not an error of ours, but nothing more to say.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        sys.exit(status if isinstance(status, int) else 0)


def fail(message: str, status: int) -> NoReturn:
    """Print one line and leave."""
    click.echo(f"error: {' '.join(message.split())}", err=True)
    sys.exit(status)


def _exit_code(error: StoryarnError) -> int:
    if isinstance(error, ValidationFailedError):
        return VALIDATION_ERRORS
    # A command that can never work, unlike one whose project is not there.
    is_wrong = type(error) in (UsageError, OptionError, UnknownFormatError)
    return WRONG_USAGE if is_wrong else REFUSED


def _usage_text(error: click.ClickException) -> str:
    text = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx is not None:
        text += f" (see `{error.ctx.command_path} --help`)"
    return text
