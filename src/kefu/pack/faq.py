"""faq.yaml: curated questions and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kefu.messages import Locale
from kefu.pack.places import Place
from kefu.pack.replies import LOCALES


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One curated answer. `questions` holds the question first, then the similar ones (相似问)."""

    id: str
    questions: tuple[str, ...]
    answers: Mapping[Locale, str]
    intent: str | None = None


def read_faq(value: object, place: Place) -> tuple[FaqEntry, ...]:
    """The entries of faq.yaml. Raises PackError."""
    whole = place.mapping(value, ("faq",), ("faq",))
    place = place.key("faq")
    entries = tuple(_entry(one, place.item(i)) for i, one in enumerate(place.items(whole["faq"])))
    seen: set[str] = set()
    for i, entry in enumerate(entries):
        if entry.id in seen:
            raise place.item(i).key("id").wrong(f"{entry.id!r} is there twice")
        seen.add(entry.id)
    return entries


def _entry(value: object, place: Place) -> FaqEntry:
    entry = place.mapping(
        value, ("id", "intent", "questions", "answer"), ("id", "questions", "answer")
    )
    intent = entry.get("intent")
    return FaqEntry(
        id=place.key("id").text(entry["id"]),
        questions=_questions(entry["questions"], place.key("questions")),
        answers=_answers(entry["answer"], place.key("answer")),
        intent=None if intent is None else place.key("intent").text(intent),
    )


def _questions(value: Any, place: Place) -> tuple[str, ...]:
    if isinstance(value, dict):
        languages = place.mapping(value, LOCALES)
        return tuple(q for name, qs in languages.items() for q in place.key(name).texts(qs))
    questions = place.texts(value)
    if not questions:
        raise place.wrong("there is no question")
    return questions


def _answers(value: Any, place: Place) -> dict[Locale, str]:
    if isinstance(value, str):
        return {"zh": place.text(value)}
    languages = place.mapping(value, LOCALES)
    answers: dict[Locale, str] = {
        locale: place.key(locale).text(languages[locale])
        for locale in LOCALES
        if locale in languages
    }
    if not answers:
        raise place.wrong("there is no answer")
    return answers
