"""Stacked bars as numbers; a template draws them. Nothing here is coloured: styles do that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 200
_GAP: Final = 4


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A piece of a column; `series` is its place in the legend, from 1."""

    x: str
    y: str
    width: str
    height: str
    series: int
    title: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    bars: Sequence[Bar]
    labels: Sequence[tuple[str, str]]  # where, and what
    legend: Sequence[str]
    top: Decimal
    width: int = WIDTH
    height: int = HEIGHT


def stacked(
    columns: Sequence[str], legend: Sequence[str], values: Mapping[tuple[str, str], Decimal]
) -> Chart:
    """A column for each name, in it what is known of each of the legend; a negative is nothing."""
    known = {key: max(value, Decimal(0)) for key, value in values.items()}
    sums = [sum((known.get((name, it), Decimal(0)) for it in legend), Decimal(0))
            for name in columns]  # fmt: skip
    top = max(sums, default=Decimal(0))
    step = Decimal(WIDTH) / max(len(columns), 1)
    bars: list[Bar] = []
    for number, name in enumerate(columns):
        foot = Decimal(HEIGHT)
        for series, it in enumerate(legend, 1):
            value = known.get((name, it), Decimal(0))
            tall = value * HEIGHT / top if top else Decimal(0)
            foot -= tall
            if tall:
                bars.append(
                    Bar(
                        x=_read(number * step + Decimal(_GAP) / 2),
                        y=_read(foot),
                        width=_read(step - _GAP),
                        height=_read(tall),
                        series=series,
                        title=f"{name}, {it}: {value:f}",
                    )
                )
    every = max(1, len(columns) // 8)
    labels = [(_read(number * step + step / 2), name) for number, name in enumerate(columns)
              if number % every == 0]  # fmt: skip
    return Chart(bars=bars, labels=labels, legend=legend, top=top)


def _read(value: Decimal) -> str:
    return f"{value:.1f}"
