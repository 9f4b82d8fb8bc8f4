"""What the sections of the settings have in common."""

from typing import Any, ClassVar, Final

from marshmallow import Schema, post_load, validate

COUNTRY: Final = validate.Regexp(r"^[A-Z]{2}$", error="Must be a country such as MA.")


class Section(Schema):
    """Loads into its dataclass; lists become tuples."""

    makes: ClassVar[type[Any]]

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.makes(
            **{key: tuple(it) if isinstance(it, list) else it for key, it in data.items()}
        )


def doc(text: str) -> dict[str, str]:
    return {"doc": text}
