"""Every error that the package raises on purpose.

::

    StoryarnError
    ├── UsageError             the caller asked for something that does not exist or is not allowed
    │   ├── OptionError        a value of the export options
    │   ├── UnknownFormatError
    │   ├── UnknownNameError
    │   ├── UnknownProjectError
    │   ├── UnknownFlowError
    │   ├── UnknownJobError
    │   ├── JobStateError      a step that a job's state does not allow
    │   ├── QuotaError         more than a person may have at once
    │   └── TokenError         a bearer token that opens nothing
    ├── ExpressionError        a condition or instruction that cannot be read, or cannot be said
    ├── ValidationFailedError  a story with errors, where they were to stop it
    ├── SettingsError          the environment
    ├── DatabaseError
    │   ├── DatabaseUnavailableError   transient: a later try may succeed
    │   └── SchemaError        not a Storyarn database, or one that we do not understand
    ├── SnapshotError          a snapshot that is missing, broken or of other options
    ├── ImportFileError        a file to import that is unsafe, broken or none of ours
    ├── MediaError             media whose bytes are missing or are not what the database says
    └── StorageError           files and objects that cannot be read or written
        ├── ObjectMissingError         an object that is not there
        └── StorageUnavailableError    transient: the store is away, busy or broke off

A message is one line: the thing, the place, the remedy. ``transient`` tells retries apart from
final failures.
"""


class StoryarnError(Exception):
    """The root: catch this to catch everything the package raises on purpose."""

    transient = False


class UsageError(StoryarnError):
    """The caller asked for something that does not exist or is not allowed."""


class OptionError(UsageError):
    """A value of the export options that is not allowed."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"option {field}: {value!r} is not allowed; allowed: {allowed}")
        self.field = field


class UnknownFormatError(UsageError):
    """A format that is not in the registry."""


class UnknownNameError(UsageError):
    """A workspace, a person or a backup that is not there."""


class UnknownProjectError(UsageError):
    """A project that is not in the database, or a name that fits several."""


class UnknownFlowError(UsageError):
    """A flow that the project does not have, or no main flow where one is needed."""


class UnknownJobError(UsageError):
    """A job that is not there, or is not the user's to see."""


class JobStateError(UsageError):
    """A step that a job's state does not allow, such as cancelling one that has ended."""


class QuotaError(UsageError):
    """More jobs under way, more artifacts or more bytes than a person may have."""


class TokenError(UsageError):
    """A bearer token that is malformed, unknown, expired or revoked."""


class ExpressionError(StoryarnError):
    """A condition or instruction that cannot be read, or cannot be said in another form.

    The first line of the message is enough by itself. For a text, ``line`` and ``column`` count
    from 1 (0: no place), ``found`` and ``expected`` are in plain words, and a caret line follows.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int = 0,
        column: int = 0,
        found: str = "",
        expected: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.line, self.column = line, column
        self.found, self.expected = found, expected


class ValidationFailedError(StoryarnError):
    """The story has errors, and the options say that errors stop the export."""


class SettingsError(StoryarnError):
    """An environment variable that cannot be used."""


class DatabaseError(StoryarnError):
    """The database refused."""


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be reached, or the connection broke."""

    transient = True


class SchemaError(DatabaseError):
    """Not a Storyarn database, or a table or column that we need is missing."""


class SnapshotError(StoryarnError):
    """A snapshot that is missing, broken or was made with other options."""


class ImportFileError(StoryarnError):
    """A file to import that is unsafe, broken or none of ours.

    The message reads ``import: <file>: <place>: <reason>``.
    """


class MediaError(StoryarnError):
    """Media whose bytes are missing or differ from what the database says."""


class StorageError(StoryarnError):
    """A file or object that cannot be read or written."""


class ObjectMissingError(StorageError):
    """An object that is not in its store."""


class StorageUnavailableError(StorageError):
    """The object store cannot be reached, is busy, or the connection broke."""

    transient = True
