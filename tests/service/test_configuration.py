from __future__ import annotations

from pathlib import Path

import pytest

from wearwhy.errors import FormatError, UnknownName, ValueRefused
from wearwhy.service.configuration import FILE, Configuration, checked, read


def said(folder: Path, text: str) -> Configuration:
    (folder / FILE).write_text(text, "utf-8")
    return read(folder, {})


def test_nothing_said_is_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, {"PATH": "/bin"}) == Configuration()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('port = 8080\nlog = "plain"\nhosts = ["a.example"]\n', "utf-8")
    told = read(tmp_path, {"WEARWHY_SERVE_PORT": "8090", "WEARWHY_SERVE_QUERY_SECONDS": "2"})
    assert (told.port, told.log, told.hosts, told.query_seconds) == (
        8090,
        "plain",
        ("a.example",),
        2.0,
    )


def test_a_list_in_the_environment_stands_with_commas(tmp_path: Path) -> None:
    told = read(tmp_path, {"WEARWHY_SERVE_PROXIES": "10.0.0.0/8, 127.0.0.1"})
    assert told.proxies == ("10.0.0.0/8", "127.0.0.1")


def test_another_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("port = 1\n", "utf-8")
    other = tmp_path / "other.toml"
    other.write_text("port = 2\n", "utf-8")
    assert read(tmp_path, {}, file=other).port == 2


def test_an_unknown_key_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="'prot' is no key") as told:
        said(tmp_path, "prot = 8000\n")
    assert told.value.code == "WW-SERVE-KEY"
    assert told.value.hint == "Did you mean 'port'?"
    with pytest.raises(UnknownName) as told:
        read(tmp_path / "none", {"WEARWHY_SERVE_WORKER": "1"})
    assert told.value.hint == "Did you mean 'workers'?"


@pytest.mark.parametrize(
    "line",
    [
        "port = -1",
        "port = 65536",
        "port = true",
        'port = "80"',
        "workers = 0",
        "query_seconds = 0",
        "query_seconds = inf",
        'log = "xml"',
        'metrics = "all"',
        'host = ""',
        'host = "a b"',
        'public_url = "wear.example.org"',
        'public_url = "https://user@wear.example.org"',
        'public_url = "https://wear.example.org/path"',
        'public_url = "ftp://wear.example.org"',
        'origins = ["*"]',
        'origins = ["null"]',
        'proxies = ["*"]',
        'proxies = ["proxy.example.org"]',
        'hosts = ["*.example.org"]',
        'hosts = "a.example"',
    ],
)
def test_a_value_out_of_range_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueRefused) as told:
        said(tmp_path, line)
    assert told.value.code == "WW-SERVE-VALUE"


@pytest.mark.parametrize("value", ["eighty", "8e3", "80.5", ""])
def test_a_number_of_the_environment_must_be_one(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValueRefused):
        read(tmp_path, {"WEARWHY_SERVE_PORT": value})


@pytest.mark.parametrize("text", [b"port = ", b"port = 1\nport = 2", b'log = "\xff"'])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / FILE).write_bytes(text)
    with pytest.raises(FormatError) as told:
        read(tmp_path, {})
    assert told.value.code == "WW-SERVE-TOML"


def test_the_command_line_is_checked_too() -> None:
    assert checked("port", 0) == 0
    with pytest.raises(ValueRefused):
        checked("host", "")


@pytest.mark.parametrize(
    ("told", "private"),
    [
        (Configuration(), True),
        (Configuration(host="::1"), True),
        (Configuration(host="127.3.2.1"), True),
        (Configuration(host="0.0.0.0"), False),
        (Configuration(host="::"), False),
        (Configuration(host="192.168.1.7"), False),
        (Configuration(host="wear.example.org"), False),
        (Configuration(public_url="https://wear.example.org"), False),
        (Configuration(hosts=("wear.example.org",)), False),
        (Configuration(public_url="http://localhost:8000"), True),
    ],
)
def test_only_what_stays_on_this_machine_is_private(told: Configuration, private: bool) -> None:
    assert told.private is private


def test_the_names_answered_to_are_those_that_were_told() -> None:
    told = Configuration(
        host="10.0.0.5", public_url="https://Wear.example.org:8443", hosts=("B.example",)
    )
    assert told.names == {
        "localhost",
        "127.0.0.1",
        "::1",
        "10.0.0.5",
        "wear.example.org",
        "b.example",
    }
    assert "0.0.0.0" not in Configuration(host="0.0.0.0").names
    assert told.secure
    assert not Configuration().secure
