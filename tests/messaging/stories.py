"""Stories of several clients and one person: what is said, written, told and imported, and when."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

CLIENTS = 3
SAID = ("Oui", "STOP", "START", "مرحبا", "Safi", "👍")
RANKED = ("sent", "delivered", "read", "played")
DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Said:
    """A person writes to one of several clients, so many seconds ago."""

    client: int
    ago: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Wrote:
    """A client's recruiter writes to the person, and the platform will tell this of it."""

    client: int
    ago: int
    type: str
    told: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Told:
    """The platform tells of a message; of the introduction, where none is named."""

    client: int
    ago: int
    status: str
    of: Wrote | None = None


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A piece of a history from before the number came to us."""

    client: int
    ago: int


Act = Said | Wrote | Told | Imported
client = st.integers(0, CLIENTS - 1)
ago = st.one_of(st.integers(60, 80_000), st.integers(90_000, 100_000))
status = st.sampled_from((*RANKED, "failed"))
stories = st.lists(
    st.one_of(
        *[st.builds(Said, client=client, ago=ago, body=st.sampled_from(SAID))] * 2,
        st.builds(
            Wrote,
            client=client,
            ago=st.integers(60, 20_000),
            type=st.sampled_from(("text", "template")),
            told=st.lists(status, max_size=4, unique=True).map(tuple),
        ),
        st.builds(Told, client=client, ago=ago, status=status),
        st.builds(Imported, client=client, ago=st.integers(60, 600)),
    ),
    min_size=6,
    max_size=12,
    unique_by=lambda act: (type(act), act.client, getattr(act, "status", act.ago)),
)


def whole(story: Sequence[Act]) -> list[Act]:
    """In order, with what the platform tells of sent messages. What failed is never delivered."""
    told = [
        Told(client=act.client, ago=act.ago - 1 - place, status=status, of=act)
        for act in story
        if isinstance(act, Wrote)
        for place, status in enumerate(act.told)
    ]
    acts = [*story, *told]
    failed = {
        (it.client, it.of) for it in acts if isinstance(it, Told) and it.status == "failed"
    }  # fmt: skip
    happened = [
        it
        for it in acts
        if not isinstance(it, Told)
        or (it.client, it.of) not in failed
        or it.status in ("sent", "failed")
    ]
    return sorted(happened, key=lambda it: -it.ago)


def mix(story: Sequence[Act], chance: random.Random) -> list[Act]:
    """The same acts in another order that may be, and webhooks repeated at any time later."""
    waiting, mixed = list(story), list[Act]()
    while waiting:
        free = [
            act for place, act in enumerate(waiting)
            if not any(binds(earlier, act) for earlier in waiting[:place])
        ]  # fmt: skip
        mixed.append(chance.choice(free))
        waiting.remove(mixed[-1])
    webhooks = [act for act in story if not isinstance(act, Wrote)]
    for act in chance.choices(webhooks, k=len(webhooks)) if webhooks else ():
        mixed.insert(chance.randint(mixed.index(act) + 1, len(mixed)), act)
    return mixed


def binds(earlier: Act, act: Act) -> bool:
    """What the answer to a recruiter hangs on stays on its side; a status follows its message."""
    if isinstance(act, Told) and act.of == earlier:
        return True
    return (
        earlier.client == act.client
        and (isinstance(earlier, Wrote) or isinstance(act, Wrote))
        and all(_weighs(it) for it in (earlier, act))
    )


def _weighs(act: Act) -> bool:
    return isinstance(act, Said | Wrote) or (isinstance(act, Told) and act.status == "failed")


def rounds(acts: Sequence[Act], goes_on: Callable[[], bool]) -> Iterator[list[Act]]:
    """What comes at once: several webhooks in one body; what a recruiter writes comes alone."""
    batch: list[Act] = []
    for act in acts:
        if batch and (isinstance(act, Wrote) or isinstance(batch[0], Wrote) or not goes_on()):
            yield batch
            batch = []
        batch.append(act)
    if batch:
        yield batch


def verdict(story: Sequence[Act], text: Wrote) -> str | None:
    """Why a text is refused that was written then."""
    heard = [
        act for act in story[: story.index(text)]
        if isinstance(act, Said) and act.client == text.client
    ]  # fmt: skip
    if not heard:
        return "reply_window_closed"
    if heard[-1].body == "STOP":
        return "candidate_opted_out"
    return None if heard[-1].ago < DAY else "reply_window_closed"
