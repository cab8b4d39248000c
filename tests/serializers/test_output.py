"""One part is a file, several are a ZIP, and what fails leaves nothing."""

import zipfile
from pathlib import Path

import pytest

from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.serializers.output import Artifact, Output


def made(directory: Path, parts: dict[str, bytes], *, as_zip: bool = False) -> Artifact:
    """An artifact of some parts."""
    directory.mkdir()
    with Output(directory, "json") as out:
        out.as_zip = as_zip
        for name, content in parts.items():
            with out.part(name) as file:
                file.write(content)
        return out.finish()


def test_one_part_is_a_plain_file(tmp_path: Path) -> None:
    artifact = made(tmp_path / "x", {"a.json": b"{}"})
    assert (artifact.extension, artifact.path.read_bytes()) == ("json", b"{}")


def test_several_parts_are_a_zip_with_the_same_bytes_every_time(tmp_path: Path) -> None:
    parts = {"a.json": b"{}" * 1000, "media/b.png": b"\x89PNG"}
    first, second = made(tmp_path / "x", parts), made(tmp_path / "y", parts)
    assert first.extension == "zip"
    assert first.sha256 == second.sha256
    with zipfile.ZipFile(first.path) as archive:
        assert {x.filename: archive.read(x) for x in archive.infolist()} == parts
        assert archive.testzip() is None


def test_a_zip_of_one_part_can_be_asked_for(tmp_path: Path) -> None:
    assert made(tmp_path / "x", {"a.json": b"{}"}, as_zip=True).extension == "zip"


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a/../../b", "", "a\\b", "a\nb", "C:x", "a?", "nul\0", ".."]
)
def test_a_part_name_that_could_leave_the_directory_is_refused(tmp_path: Path, name: str) -> None:
    with Output(tmp_path, "json") as out, pytest.raises(StorageError), out.part(name):
        pass


def test_a_part_is_written_once(tmp_path: Path) -> None:
    with Output(tmp_path, "json") as out:
        with out.part("a"):
            pass
        with pytest.raises(StorageError, match="twice"), out.part("a"):
            pass


@pytest.mark.parametrize("parts", [1, 2])
def test_nothing_is_left_when_writing_fails(tmp_path: Path, parts: int) -> None:
    def fail() -> None:
        with Output(tmp_path, "json") as out:
            for number in range(parts):
                with out.part(str(number)) as file:
                    file.write(b"x")
            raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
