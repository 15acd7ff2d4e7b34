"""The page on ASVS says what is true: every requirement, tests that exist, limits that hold."""

from __future__ import annotations

import ast
import re
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from wearwhy.errors import NotSignedIn, ValueRefused
from wearwhy.service.accounts.accounts import Accounts
from wearwhy.service.accounts.guessable import LIST
from wearwhy.service.accounts.passwords import LEAST, hashed, matches, require_good
from wearwhy.service.accounts.tokens import new_token
from wearwhy.service.uploads import limits
from wearwhy.service.uploads.limits import BOUNDS, COST, FORMS, MIB, Kind

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "asvs.md"
# Requirements of levels 1 and 2 by section; in each they are the first ones.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5,
    "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2,
    "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11,
    "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1,
    "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5,
    "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
IDS = [f"V{section}.{n}" for section, many in SECTIONS.items() for n in range(1, many + 1)]
STATES = {"met", "partly", "no", "none", "operator"}


def lines() -> list[tuple[list[str], str, str, str]]:
    """Return requirements, state, reason and tests of each line of the page."""
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("| V"):
            said, _, state, how, shown = (part.strip() for part in line[1:-1].split("|"))
            first, _, last = said.partition(" – ")
            ids = IDS[IDS.index(first) : IDS.index(last or first) + 1]
            found.append((ids, state, how, shown))
    return found


def test_every_requirement_has_one_line() -> None:
    assert len(IDS) == 253
    listed = [one for ids, *_ in lines() for one in ids]
    assert sorted(listed) == sorted(IDS)


def test_what_is_met_is_shown_and_what_is_not_has_a_reason() -> None:
    for ids, state, how, shown in lines():
        assert state in STATES, ids
        assert shown or state != "met", ids
        assert how or state in {"met", "none"}, ids


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, functions))


def test_the_tests_that_are_named_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE.read_text("utf-8"))
    assert len(named) > 100
    gone = [f"{path}::{name}" for path, name in named if name and name not in functions_of(path)]
    assert gone == []
    model = re.findall(r"`(tests/[\w/]+\.py)`", (ROOT / "THREAT_MODEL.md").read_text("utf-8"))
    assert model
    assert [path for path in model if not (ROOT / path).is_file()] == []


def test_pages_that_are_named_are_there() -> None:
    security = (ROOT / "SECURITY.md").read_text("utf-8")
    for heading in ("Who asks", "Files that are sent", "What is kept", "Cryptography",
                    "What is logged", "Updates"):  # fmt: skip
        assert f"\n## {heading}\n" in security
    model = (ROOT / "THREAT_MODEL.md").read_text("utf-8")
    for number in range(1, 15):
        assert f"\n## §{number} " in model
    for page in (PAGE, ROOT / "THREAT_MODEL.md", ROOT / "SECURITY.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).is_file(), (page.name, target)


def test_the_limits_of_files_are_those_of_the_code() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    for kind, bounds in BOUNDS.items():
        (row,) = re.findall(rf"^\| {kind.value} \|.*$", text, re.MULTILINE)
        formats = [form.ending[1:] for form in FORMS if form.kind is kind]
        assert f"| {', '.join(formats)} | {bounds.size // MIB} MiB |" in row
        for number in (bounds.rows, bounds.columns, bounds.pixels):
            assert not number or f"{number:,}" in row
        if kind is Kind.TABLE:
            assert f"{bounds.unpacked // MIB} MiB unpacked, in {bounds.parts} parts" in row
    assert f"{COST.seconds:.0f} seconds and {COST.memory // MIB:,} MiB" in text
    assert f"{limits.WAITING} files waiting" in text
    assert f"of {limits.WAITING_SIZE // MIB} MiB together, for {limits.HOURS} hours" in text
    assert f"{limits.PHOTOGRAPHS:,} photographs" in text
    assert f"kept at {limits.SIDE:,} a side" in text
    first, last = limits.DAYS
    assert f"from {-first} days ago to {last} days ahead" in text


@pytest.mark.parametrize(
    "password",
    ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "abcdefghijklmnop", "ada-loves-coats",
     "my wearwhy password", "x" * 257],
)  # fmt: skip
def test_a_weak_password_is_refused(password: str, tmp_path: Path) -> None:
    with pytest.raises(ValueRefused):
        require_good(password, "ada-", tmp_path)


@pytest.mark.parametrize(
    "password",
    ["password1234", "P@ssw0rd2024!", "1q2w3e4r5t6y", "iloveyou1234", "letmeinletmein",
     "jessica19851985", "unbelievable", "supersuperman", "zxcvbnmasdfgh", "december1999",
     "trustno1" * 20],
)  # fmt: skip
def test_a_common_password_and_what_is_near_it_is_refused(password: str, tmp_path: Path) -> None:
    with pytest.raises(ValueRefused, match="common"):
        require_good(password, "somebody", tmp_path)


def test_no_long_common_password_that_is_known_is_taken(tmp_path: Path) -> None:
    long = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= LEAST]
    assert len(long) == 229
    for one in long:
        with pytest.raises(ValueRefused):
            require_good(one, "somebody", tmp_path)


def test_a_breached_password_of_the_list_is_refused(tmp_path: Path) -> None:
    require_good("correct horse battery", "somebody", tmp_path)
    (tmp_path / LIST).write_bytes("vier zufällige wörter\r\ncorrect horse battery\nx".encode())
    for one in ("vier zufällige wörter", "correct horse battery", "Correct Horse battery"):
        with pytest.raises(ValueRefused, match="others know"):
            require_good(one, "somebody", tmp_path)
    require_good("correct horse batter", "somebody", tmp_path)


def test_looking_at_a_password_takes_no_longer_than_keeping_it(tmp_path: Path) -> None:
    begun = time.process_time()
    require_good("4@8(630!1|0$5+72%" * 15, "somebody", tmp_path)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "only small letters", "四個隨機的詞語組成的密碼也很好", "8402 7719 3351 206",
     "0123456789abcdef fedcba " * 4, "pass\tword with \u00e9 and \U0001f9e5"],
)  # fmt: skip
def test_any_composition_is_a_password(password: str, tmp_path: Path) -> None:
    require_good(password, "somebody", tmp_path)
    kept = hashed(password)
    assert matches(kept, password)
    assert not matches(kept, password.swapcase() + "x")
    assert not matches(kept, password[:12])


def test_a_password_is_kept_as_argon2id() -> None:
    assert hashed("correct horse battery").startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_secrets_are_long_and_never_alike() -> None:
    made = {new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert min(map(len, made)) * 6 >= 256  # six bits a sign


def test_a_session_ends_by_itself(tmp_path: Path) -> None:
    at = [datetime.now(UTC)]
    accounts = Accounts.open(tmp_path, clock=lambda: at[0])
    try:
        ada = accounts.add("ada", password="correct horse battery")
        idle, busy = accounts.session(ada.id), accounts.session(ada.id)
        for _ in range(14):
            at[0] += timedelta(hours=11)
            accounts.session_of(busy.token)
        with pytest.raises(NotSignedIn):
            accounts.session_of(idle.token)
        for _ in range(20):
            at[0] += timedelta(hours=11)
            if at[0] >= busy.expires:
                break
            accounts.session_of(busy.token)
        assert at[0] >= busy.expires
        with pytest.raises(NotSignedIn):
            accounts.session_of(busy.token)
    finally:
        accounts.close()


def test_no_weak_hash_or_random_number_guards_anything() -> None:
    for room in ("service", "http", "mcp"):
        for path in (ROOT / "src" / "wearwhy" / room).rglob("*.py"):
            names = {
                part
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                for part in (
                    [one.name for one in node.names] if isinstance(node, ast.Import)
                    else [node.module or "", *(one.name for one in node.names)]
                    if isinstance(node, ast.ImportFrom)
                    else [node.attr] if isinstance(node, ast.Attribute)
                    else []
                )
            }  # fmt: skip
            weak = names & {"md5", "sha1", "random", "uuid1", "pickle", "marshal", "shelve"}
            assert weak == set(), (path, weak)


def test_every_dependency_is_pinned() -> None:
    import tomllib

    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*told["dependencies"], *told["optional-dependencies"]["serve"]]
    pinned = (ROOT / "constraints.txt").read_text("utf-8").lower().replace("_", "-")
    for one in wanted:
        name = re.split(r"[\s\[<>=!;]", one)[0].lower().replace("_", "-")
        assert re.search(rf"^{re.escape(name)}==", pinned, re.MULTILINE), name
