from __future__ import annotations

import numpy as np
import pytest

from kefu.knowledge.faq import FaqEntry, FaqIndex, questions

QUESTIONS = {
    "fee": ["运费谁出", "邮费谁付", "包邮吗", "how much is shipping", "is shipping free"],
    "return": ["几天内可以退货", "7天内能退吗", "退货期限是多久", "how many days can I return"],
    "never": ["哪些商品不能退", "内衣不能退吗", "which items cannot be returned"],
    "invoice": ["怎么开发票", "能开发票吗", "how do I get an invoice"],
    "send": ["什么时候发货", "下单后几天发货", "when will it ship"],
}


@pytest.fixture(scope="module")
def index() -> FaqIndex:
    return FaqIndex([FaqEntry(id, tuple(qs), {"zh": id}) for id, qs in QUESTIONS.items()])


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("请问运费是谁出的呀", "fee"),
        ("退货期限多久", "return"),
        ("你好，可以开发票吗", "invoice"),
        ("怎么还不发货", "send"),
        ("How many days do I have to return it?", "return"),
        ("can I get an invoice please", "invoice"),
    ],
)
def test_a_question_put_another_way_finds_its_entry(index: FaqIndex, text: str, entry: str) -> None:
    hits = index.search(text)
    assert hits[0].entry.id == entry
    assert all(0.0 < hit.score <= 1.0 for hit in hits)


def test_the_same_words_score_one_and_each_entry_comes_once(index: FaqIndex) -> None:
    hits = index.search("邮费谁付", k=5)
    assert hits[0].score == pytest.approx(1.0)
    assert len({hit.entry.id for hit in hits}) == len(hits) <= 5


def test_a_negation_on_one_side_only_lowers_the_score(index: FaqIndex) -> None:
    (said, _), (left_out, _) = (
        [(h.score, h.entry.id) for h in index.search(text) if h.entry.id == "never"] * 2
        for text in ("内衣不能退吗", "内衣能退吗")
    )
    assert said[0] > 0.95
    assert left_out[0] < 0.6


def test_asking_whether_or_not_is_no_negation(index: FaqIndex) -> None:
    assert index.search("能不能开发票")[0].score > 0.5


def test_another_number_is_another_question(index: FaqIndex) -> None:
    same, other = index.search("7天内能退吗")[0], index.search("15天内能退吗")[0]
    assert same.score > 0.95
    assert other.score < 0.6


def test_words_that_no_question_has_find_nothing(index: FaqIndex) -> None:
    assert index.search("zzz qqq") == ()
    assert index.search("") == ()
    assert index.search("<PHONE_1> 123456789012") == ()


def test_an_empty_faq_finds_nothing() -> None:
    assert FaqIndex([]).search("运费谁出") == ()


def test_an_order_number_does_not_disturb_the_match(index: FaqIndex) -> None:
    plain, numbered = index.search("什么时候发货"), index.search("什么时候发货 163029485771")
    assert plain[0].entry is numbered[0].entry
    assert numbered[0].score == pytest.approx(plain[0].score)


ENTRIES = [FaqEntry(id, tuple(qs), {"zh": id}) for id, qs in QUESTIONS.items()]
POLES = {entry.id: at for at, entry in enumerate(ENTRIES)}


def pole(entry: str) -> tuple[float, ...]:
    """The vector of every question of an entry: each entry has an axis of its own."""
    return tuple(float(at == POLES[entry]) for at in range(len(POLES)))


@pytest.fixture(scope="module")
def seeing() -> FaqIndex:
    rows = [pole(entry.id) for entry in ENTRIES for _ in entry.questions]
    assert len(rows) == len(questions(ENTRIES))
    return FaqIndex(ENTRIES, np.array(rows, np.float32))


def test_what_was_said_in_other_words_is_found_by_its_vector(seeing: FaqIndex) -> None:
    text = "要我自己掏钱寄东西吗"
    assert not seeing.search(text) or seeing.search(text)[0].score < 0.45
    found = seeing.search(text, vector=pole("fee"))
    assert found[0].entry.id == "fee"
    assert found[0].score > 0.45


def test_without_a_vector_an_index_with_vectors_finds_what_one_without_finds(
    index: FaqIndex, seeing: FaqIndex
) -> None:
    for text in ("退货期限多久", "可以开发票吗", "内衣能退吗", "zzz"):
        plain = [(hit.entry.id, hit.score) for hit in index.search(text)]
        assert [(hit.entry.id, hit.score) for hit in seeing.search(text)] == plain


def test_an_index_without_vectors_does_not_mind_that_of_a_message(index: FaqIndex) -> None:
    assert index.search("可以开发票吗", vector=pole("fee")) == index.search("可以开发票吗")


def test_the_very_question_scores_one_with_its_vector_too(seeing: FaqIndex) -> None:
    hits = seeing.search("邮费谁付", vector=pole("fee"))
    assert (hits[0].entry.id, hits[0].score) == ("fee", pytest.approx(1.0))


def test_like_words_that_mean_another_thing_score_less(index: FaqIndex, seeing: FaqIndex) -> None:
    text = "发货几天了"
    plain, seen = index.search(text)[0], seeing.search(text, vector=pole("fee"))
    assert {hit.entry.id: hit.score for hit in seen}[plain.entry.id] < plain.score


def test_the_same_words_with_another_vector_are_searched_again(seeing: FaqIndex) -> None:
    first = seeing.search("这个怎么算几天", vector=pole("return"))
    second = seeing.search("这个怎么算几天", vector=pole("send"))
    assert (first[0].entry.id, second[0].entry.id) == ("return", "send")


def test_a_negation_counts_whatever_vectors_say(seeing: FaqIndex) -> None:
    said, left_out = (
        {hit.entry.id: hit.score for hit in seeing.search(text, vector=pole("never"))}["never"]
        for text in ("内衣不能退吗", "内衣能退吗")
    )
    assert said > 0.95
    assert left_out < 0.6
