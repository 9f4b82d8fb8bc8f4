"""What the sandbox's store remembers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.sandbox.store import DocumentStore


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DocumentStore]:
    store = DocumentStore(tmp_path / "state.db" if request.param == "file" else None)
    yield store
    store.close()


def test_a_document_is_what_was_put(store: DocumentStore) -> None:
    store.put("number", "1", {"name": "سارة", "tags": ["a", None]})
    assert store.get("number", "1") == {"name": "سارة", "tags": ["a", None]}
    assert store.get("number", "2") is None
    assert store.get("line", "1") is None


def test_what_is_handed_out_is_a_copy(store: DocumentStore) -> None:
    mine = {"tags": ["a"]}
    store.put("number", "1", mine)
    mine["tags"].append("b")
    found = store.get("number", "1")
    assert found is not None
    found["tags"].append("c")
    [(_, listed)] = store.all("number")
    assert listed == store.get("number", "1") == {"tags": ["a"]}


def test_documents_come_in_the_order_of_first_insertion(store: DocumentStore) -> None:
    for key in ("b", "a", "c"):
        store.put("number", key, {"at": 1})
    store.put("number", "b", {"at": 2})
    store.delete("number", "a")
    store.delete("number", "a")
    store.put("number", "a", {"at": 3})
    assert [(key, it["at"]) for key, it in store.all("number")] == [("b", 2), ("c", 1), ("a", 3)]


def test_what_is_put_while_listing_is_not_listed(store: DocumentStore) -> None:
    store.put("number", "1", {})
    listing = store.all("number")
    store.put("number", "2", {})
    assert [key for key, _ in listing] == ["1"]


def test_sequences_count_from_one_each(store: DocumentStore) -> None:
    assert [store.next_number("a"), store.next_number("a"), store.next_number("b")] == [1, 2, 1]
    assert [store.last_number("a"), store.last_number("never")] == [2, 0]


def test_no_number_is_given_twice(store: DocumentStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: store.next_number("a"), range(400)))
    assert sorted(numbers) == list(range(1, 401))


def test_a_killed_process_forgot_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    script = f"""
import os, signal
from pathlib import Path
from gateway.sandbox.store import DocumentStore
store = DocumentStore(Path({str(path)!r}))
for key in ("b", "a", "c"):
    store.put("number", key, {{"key": key}})
store.put("number", "b", {{"key": "new"}})
store.delete("number", "c")
store.next_number("wamid")
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).parents[2]
    env = os.environ | {"PYTHONPATH": str(root)}
    assert subprocess.run([sys.executable, "-c", script], env=env, check=False).returncode == -9
    store = DocumentStore(path)
    assert list(store.all("number")) == [("b", {"key": "new"}), ("a", {"key": "a"})]
    assert store.next_number("wamid") == 2
    store.close()
