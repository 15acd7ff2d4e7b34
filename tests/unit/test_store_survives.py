"""What the store does when the machine fails: killed processes, other writers, full disks."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from wearwhy.errors import DiskFull, Locked, Moved, StoreError
from wearwhy.rdf import ID, WW, Fact, literal
from wearwhy.store import Patch, Quad, Store, graph_name

WRITER = Path(__file__).with_name("store_writer.py")
GRAPH = graph_name("wardrobe/mine", "asserted", "edit")
KILLS = int(os.environ.get("WEARWHY_KILLS", "10"))


def quad(name: str, value: str = "x", graph: NamedNode = GRAPH) -> Quad:
    return Quad(graph, Fact(ID[f"mine/{name}"], WW.note, literal(value)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Store.create(tmp_path / "w")
    return tmp_path / "w"


@pytest.mark.slow
def test_a_killed_writer_leaves_its_last_revision_or_the_next_and_it_is_whole(folder: Path) -> None:
    chance = random.Random(20261121)
    for _ in range(KILLS):
        with Store.open(folder, write=False) as store:
            acknowledged = store.revision
        with subprocess.Popen(
            [sys.executable, str(WRITER), str(folder)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randint(1, 6)):
                acknowledged = int(writer.stdout.readline())
            time.sleep(chance.uniform(0, 0.03))
            writer.send_signal(signal.SIGKILL)
            printed = writer.stdout.read().splitlines()
            acknowledged = max([acknowledged, *(int(line) for line in printed if line)])

        with Store.open(folder, write=False) as store:
            assert store.revision in {acknowledged, acknowledged + 1}
            last = store.history(1)[0]
            size = len(last.patch.add) + len(last.patch.remove)
            assert last.message.split()[1] == str(size)
            quads = frozenset(store.quads())
            assert quads.issuperset(last.patch.add)
            assert quads.isdisjoint(last.patch.remove)
            replayed: set[Quad] = set()
            for revision in reversed(store.history()):
                replayed.difference_update(revision.patch.remove)
                replayed.update(revision.patch.add)
            assert quads == replayed


def test_a_second_writer_waits_and_then_names_the_first(folder: Path) -> None:
    with (
        Store.open(folder, write=True),
        pytest.raises(Locked, match=rf"Process {os.getpid()} is writing"),
    ):
        Store.open(folder, write=True, wait=0.05)


def test_a_second_writer_gets_its_turn_when_the_first_ends(folder: Path) -> None:
    code = (
        "import sys, time; from wearwhy.store import Store\n"
        "with Store.open(sys.argv[1], write=True):\n"
        "    print('open', flush=True)\n"
        "    sys.stdin.readline()\n"
        "    time.sleep(.4)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(Locked, match=f"Process {other.pid}"):
            Store.open(folder, write=True, wait=0)
        other.stdin.write("go\n")  # in a moment, while another waits
        other.stdin.flush()
        with Store.open(folder, write=True, wait=120) as store:
            assert store.commit(Patch((quad("a"),)), message="second").number == 1


def test_two_writers_at_once_lose_nothing(folder: Path) -> None:
    code = (
        "import sys\n"
        "from wearwhy.rdf import ID, WW, Fact, literal\n"
        "from wearwhy.store import Patch, Quad, Store, graph_name\n"
        "g = graph_name('wardrobe/mine', 'asserted', 'edit')\n"
        "for n in range(8):\n"
        "    with Store.open(sys.argv[1], write=True, wait=60) as store:\n"
        "        fact = Fact(ID[f'mine/{sys.argv[2]}-{n}'], WW.note, literal('x'))\n"
        "        store.commit(Patch((Quad(g, fact),)), message=sys.argv[2])\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(folder), name]) for name in ("a", "b")
    ]
    assert [writer.wait(120) for writer in both] == [0, 0]
    with Store.open(folder, write=False) as store:
        assert store.revision == 16
        assert len(list(store.facts(GRAPH))) == 16


def test_a_change_made_for_an_older_revision_is_refused(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        store.commit(Patch((quad("a"),)), message="one", expected=0)
        with pytest.raises(Moved, match="at revision 1"):
            store.commit(Patch((quad("b"),)), message="two", expected=0)
        assert store.revision == 1


def test_readers_beside_a_writer_keep_the_revision_they_opened(folder: Path) -> None:
    with Store.open(folder, write=True) as writer:
        writer.commit(Patch((quad("a"),)), message="one")
        with Store.open(folder, write=False) as reader:
            writer.commit(Patch((quad("b"),)), message="two")
            writer.commit(Patch((quad("c"),)), message="three")
            assert reader.revision == 1
            assert list(reader.facts(GRAPH)) == [quad("a").fact]
            assert [revision.number for revision in reader.history()] == [1]
        with Store.open(folder, write=False) as later:
            assert later.revision == 3
    assert sorted(path.name for path in (folder / "readers").iterdir()) != []


def test_copies_that_nobody_reads_are_cleared_away(folder: Path) -> None:
    with Store.open(folder, write=True) as writer:
        for number in range(5):
            writer.commit(Patch((quad(str(number)),)), message="more")
    assert [path.name for path in (folder / "readers").iterdir()] == ["5"]


def test_a_full_disk_is_noticed_before_anything_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(folder, write=True) as store:
        store.commit(Patch((quad("a"),)), message="one")
        real = os.statvfs(folder)
        none_free = os.statvfs_result((*real[:4], 0, *real[5:10]))
        monkeypatch.setattr("wearwhy.store.faults.os.statvfs", lambda _: none_free)
        with pytest.raises(DiskFull, match="stands as it was"):
            store.commit(Patch((quad("b"),)), message="two")
        assert list(store.facts(GRAPH)) == [quad("a").fact]
        monkeypatch.undo()
        assert store.commit(Patch((quad("b"),)), message="two").number == 2


def test_a_disk_that_fills_up_while_writing_leaves_the_workspace_whole(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        store.commit(Patch((quad("a"),)), message="one")
    code = (
        "import resource, sys\n"
        "from wearwhy.errors import DiskFull\n"
        "from wearwhy.rdf import ID, WW, Fact, literal\n"
        "from wearwhy.store import Patch, Quad, Store, graph_name\n"
        "g = graph_name('wardrobe/mine', 'asserted', 'edit')\n"
        "big = Patch(tuple(Quad(g, Fact(ID[f'mine/{n}'], WW.note, literal('y' * 900)))"
        " for n in range(2000)))\n"
        "with Store.open(sys.argv[1], write=True) as store:\n"
        "    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))\n"
        "    try:\n"
        "        store.commit(big, message='too big')\n"
        "    except DiskFull as error:\n"
        "        print(error.code, flush=True)\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "WW-STORE-FULL\n", done.stderr
    with Store.open(folder, write=True) as store:
        assert store.revision == 1
        assert list(store.facts(GRAPH)) == [quad("a").fact]
        assert store.commit(Patch((quad("b"),)), message="two").number == 2


def test_a_workspace_of_a_newer_format_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wearwhy.store.history.FORMAT", 0)
    for write in (True, False):
        with pytest.raises(StoreError, match="has format 1; this version reads format 0"):
            Store.open(folder, write=write)


def test_a_folder_without_a_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        Store.open(tmp_path, write=False)
    assert caught.value.code == "WW-STORE-NONE"
    assert "wearwhy init" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_is_not_made_twice(folder: Path) -> None:
    with pytest.raises(StoreError, match="already"):
        Store.create(folder)
