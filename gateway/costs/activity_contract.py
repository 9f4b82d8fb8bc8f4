"""How much was going on, which whoever prices holds the costs against."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What went on in all of a client's conversations, or in those of a line or a recruiter.

    `conversations` are those in which a message of ours reached the person, `replies` what came in.
    Of a recruiter, `id` is None for conversations that are nobody's.
    """

    of: Literal["client", "line", "recruiter"]
    id: str | None
    conversations: int
    replies: int
