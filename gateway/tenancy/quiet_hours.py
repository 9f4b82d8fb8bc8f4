"""The hours in which a client's candidates are not to be woken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Every day from `begins` to `ends` by the clocks of a zone; over midnight where it ends first.

    Where clocks are put forward or back in between, what is in doubt is quiet.
    """

    begins: time
    ends: time
    zone: ZoneInfo

    def period(self, now: datetime) -> tuple[datetime, datetime] | None:
        """When the quiet that is now began and ends (UTC); None where it is not quiet."""
        today = now.astimezone(self.zone).date()
        for day in (today - timedelta(days=1), today):
            last = day if self.begins < self.ends else day + timedelta(days=1)
            began = min(self._moments(day, self.begins))
            ends = max(self._moments(last, self.ends))
            if began <= now < ends:
                return began, ends
        return None

    def _moments(self, day: date, at: time) -> tuple[datetime, datetime]:
        """What the clocks show twice, or never, where they are changed, is two moments."""
        local = datetime.combine(day, at, self.zone)
        return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def period(setting: Mapping[str, str] | None, now: datetime) -> tuple[datetime, datetime] | None:
    """`QuietHours.period` of what a client keeps: `from` and `to` (HH:MM), `timezone`; or none."""
    if setting is None:
        return None
    hours = QuietHours(
        begins=time.fromisoformat(setting["from"]),
        ends=time.fromisoformat(setting["to"]),
        zone=ZoneInfo(setting["timezone"]),
    )
    return hours.period(now)


def is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, a folder of names
        return False
    return True


def timezone_of(country: str) -> str | None:
    """The timezone of a country (ISO 3166 alpha-2) that has only one."""
    found = _zones().get(country, ())
    return found[0] if len(found) == 1 else None


@cache
def _zones() -> Mapping[str, list[str]]:
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    zones: dict[str, list[str]] = {}
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            zones.setdefault(country, []).append(zone)
    return zones
