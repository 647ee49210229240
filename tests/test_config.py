"""Settings: one home, one place for each thing in it; an installation's files extend and override the packaged ones."""

from pathlib import Path

import pytest

from pipeline import config
from pipeline.errors import BusyError, ContractError, DeliveryError, PharosError, SettingsError, SourceError


def test_home_is_the_given_folder_else_the_environment_else_var(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PHAROS_HOME", raising=False)
    assert config.home().root == tmp_path / "var"
    monkeypatch.setenv("PHAROS_HOME", "elsewhere")
    assert config.home().root == tmp_path / "elsewhere"
    assert config.home(tmp_path / "given").root == tmp_path / "given"
    monkeypatch.setenv("PHAROS_HOME", "")
    assert config.home().root == tmp_path / "var"


def test_places_lie_in_the_home_and_are_all_different(tmp_path: Path) -> None:
    home = config.home(tmp_path)
    names = [name for name, value in vars(config.Home).items() if isinstance(value, property)]
    places = [getattr(home, name) for name in names]
    assert len(names) == len(set(places)) >= 9
    assert all(place.parent == tmp_path for place in places)


def test_create_makes_the_folders_and_keeps_what_is_there(tmp_path: Path) -> None:
    home = config.home(tmp_path / "a" / "b")
    home.create()
    (home.inbox / "day.csv").write_text("x")
    home.create()
    assert (home.inbox / "day.csv").read_text() == "x"
    assert sorted(path.name for path in home.root.iterdir()) == [
        "cache",
        "inbox",
        "lake",
        "raw",
        "reference",
        "release",
        "state",
    ]


def test_later_folders_extend_and_override_by_name(tmp_path: Path) -> None:
    packaged, own = tmp_path / "packaged", tmp_path / "own"
    for folder, names in ((packaged, "ab"), (own, "bc")):
        folder.mkdir()
        for name in names:
            (folder / f"{name}.toml").write_text("")
    (own / "d.toml.bak").write_text("")
    found = list(config.toml_files([packaged, own, tmp_path / "not there"]))
    assert found == [("a", packaged / "a.toml"), ("b", own / "b.toml"), ("c", own / "c.toml")]


def test_references_come_packaged_first(tmp_path: Path) -> None:
    packaged, own = config.home(tmp_path).references("sources")
    assert sorted(packaged.glob("*.toml"))
    assert own == tmp_path / "reference" / "sources"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"a = \n", r"line 1"), (b"a = 1\na = 2\n", "Cannot overwrite a value"), (b"a = '\xff'", "utf-8")],
)
def test_bad_toml_is_named_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "radar.toml"
    path.write_bytes(content)
    with pytest.raises(
        SettingsError, match=rf"^radar\.toml: not readable as TOML: .*{said}.*; correct or remove /"
    ) as raised:
        config.read_toml(path)
    assert str(raised.value).isprintable()


def test_unreadable_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml: not readable as TOML: .*No such file"):
        config.read_toml(tmp_path / "gone.toml")


def test_every_message_for_people_is_one_printable_line() -> None:
    """A file's name or header can hold line breaks, escapes of the terminal and bytes that are no text."""
    for kind in (PharosError, SourceError, SettingsError, BusyError, DeliveryError):
        said = str(kind("a\r\nb\x1b[2J\udcff\u2028\x00 é"))
        assert said == r"a\r\nb\x1b[2J\udcff\u2028\x00 é"
        assert said.isprintable()


def test_our_own_bug_is_no_error_for_people() -> None:
    assert not issubclass(ContractError, PharosError)
