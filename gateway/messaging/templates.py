"""The introduction, as a template that Meta approves, and templates as they stand in a WABA."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock
from gateway.ids import new_id
from gateway.messaging.contract import TemplateDraft, TemplateState
from gateway.messaging.models import Template
from gateway.names import beside

INTRODUCTION: Final = "recruitment_introduction"
FIRST_CONTACT: Final = "recruitment_first_contact"  # to whom has applied for nothing
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    INTRODUCTION: {
        "en": "Hi, I'm {{1}} from {{2}}. I'm contacting you via our {platform} portal"
        " regarding your application.",
        "fr": "Bonjour, je suis {{1}} de {{2}}. Je vous contacte via notre portail {platform}"
        " au sujet de votre candidature.",
        "ar": "مرحباً، معك {{1}} من {{2}}. أتواصل معك عبر بوابة {platform}"
        " بخصوص طلب التوظيف الخاص بك.",
    },
    FIRST_CONTACT: {
        "en": "Hi, I'm {{1}} from {{2}}. I'm contacting you via our {platform} portal about a job"
        " that may suit you; you have not applied for it.",
        "fr": "Bonjour, je suis {{1}} de {{2}}. Je vous contacte via notre portail {platform} au"
        " sujet d'un poste qui pourrait vous convenir ; vous n'y avez pas postulé.",
        "ar": "مرحباً، معك {{1}} من {{2}}. أتواصل معك عبر بوابة {platform} بخصوص وظيفة قد تناسبك،"
        " علماً أنك لم تتقدم لها.",
    },
}
_FOOTER: Final[Mapping[str, str]] = {
    "en": "Reply STOP to receive nothing more.",
    "fr": "Répondez STOP pour ne plus rien recevoir.",
    "ar": "أرسل كلمة توقف لإيقاف الرسائل.",
}
LANGUAGES: Final = tuple(_FOOTER)


def introductions(platform: str) -> list[TemplateDraft]:
    """Both introductions in every language, handed in as utility."""
    return [
        TemplateDraft(
            name=name,
            language=language,
            category="UTILITY",
            components=[
                {
                    "type": "BODY",
                    "text": body.replace("{platform}", platform),
                    "example": {"body_text": [["Sara", "Atlas Logistics"]]},
                },
                {"type": "FOOTER", "text": _FOOTER[language]},
            ],
        )
        for name, bodies in _WORDS.items()
        for language, body in bodies.items()
    ]


def introduction(
    language: str, recruiter: str, company: str, *, has_applied: bool
) -> dict[str, Any]:
    """The content of an introduction as a template message."""
    name = INTRODUCTION if has_applied else FIRST_CONTACT
    words = _WORDS[name][language]
    return content(name, language, [beside(recruiter, words), beside(company, words)])


def introduction_text(
    language: str, recruiter: str, company: str, platform: str, *, has_applied: bool
) -> str:
    """The same words as plain text, for inside the reply window."""
    words = _WORDS[INTRODUCTION if has_applied else FIRST_CONTACT][language]
    for blank, value in (("{platform}", platform), ("{{1}}", recruiter), ("{{2}}", company)):
        words = words.replace(blank, beside(value, words) if blank != "{platform}" else value)
    return f"{words}\n{_FOOTER[language]}"


def content(name: str, language: str, body: list[str]) -> dict[str, Any]:
    """The content of a template message whose body has these parameters."""
    parameters = [{"type": "text", "text": text} for text in body]
    components = [{"type": "body", "parameters": parameters}] if body else []
    return {"name": name, "language": {"code": language}, "components": components}


def record(
    session: Session, client_id: str, waba_id: str, draft: TemplateDraft, state: TemplateState
) -> None:
    """Note how a template stands over there: its category is what Meta approved it as."""
    values = {
        "category": state.category,
        "status": state.status,
        "components": list(draft.components),
        "updated_at": clock.now(),
    }
    session.execute(
        insert(Template)
        .values(
            client_id=client_id,
            id=new_id("tpl"),
            waba_id=waba_id,
            name=draft.name,
            language=draft.language,
            **values,
        )
        .on_conflict_do_update(
            index_elements=["client_id", "waba_id", "name", "language"], set_=values
        )
    )


def approved(session: Session, client_id: str, waba_id: str) -> list[Template]:
    """What may be sent from a line of this WABA now."""
    return list(
        session.scalars(
            select(Template)
            .where(
                Template.client_id == client_id,
                Template.waba_id == waba_id,
                Template.status == "APPROVED",
            )
            .order_by(Template.name, Template.language)
        )
    )


def all_of(session: Session, client_id: str) -> list[Template]:
    query = select(Template).where(Template.client_id == client_id)
    return list(session.scalars(query.order_by(Template.name, Template.language)))


def in_waba(session: Session, client_id: str, waba_id: str) -> list[Template]:
    """A client's templates as they stand in a WABA."""
    query = select(Template).where(Template.client_id == client_id, Template.waba_id == waba_id)
    return list(session.scalars(query))


def adopt(session: Session, client_id: str, known: Sequence[Template]) -> None:
    """Note for another client of the same WABA how these templates stand there."""
    names = ("waba_id", "name", "language", "category", "status", "components", "updated_at")
    copies = [
        {name: getattr(row, name) for name in names} | {"client_id": client_id, "id": new_id("tpl")}
        for row in known
    ]
    if copies:
        session.execute(insert(Template).on_conflict_do_nothing(), copies)


def may_introduce(platform: str, known: Sequence[Template]) -> bool:
    """Whether all introductions are among these templates, approved."""
    approved = {(row.name, row.language) for row in known if row.status == "APPROVED"}
    return all((draft.name, draft.language) in approved for draft in introductions(platform))
