from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from kefu.training.leaks import ALIKE, Index, Pair, between, families, grams, normal


def brute(texts: list[str]) -> set[tuple[int, int]]:
    sets = [grams(normal(text)) for text in texts]
    return {
        (at, other)
        for at in range(len(texts))
        for other in range(at + 1, len(texts))
        if len(sets[at] & sets[other]) / len(sets[at] | sets[other]) >= ALIKE
    }


def test_width_case_blanks_and_marks_do_not_matter() -> None:
    assert between(["ＡＢＣ， 退货！"], ["x", "abc退货"]) == [Pair(0, 1, 1.0)]


def test_each_placeholder_is_one_character() -> None:
    assert normal("打<PHONE_1>") == normal("打<PHONE_2>") != normal("打")


def test_short_texts_are_alike_when_they_are_the_same() -> None:
    assert between(["退", "退货"], ["退货", "?"]) == [Pair(1, 0, 1.0)]


def test_the_most_alike_is_named() -> None:
    learnt = ["我昨天买的那个空气炸锅能退吗啊", "我昨天买的那个空气炸锅能退吗", "别的"]
    assert between(["我昨天买的那个空气炸锅能退吗？"], learnt) == [Pair(0, 1, 1.0)]


def test_eight_grams_of_ten_are_enough_and_seven_are_not() -> None:
    # 3-grams of "abcdefghijk": nine; one more letter makes ten, so 9/10; three more 9/12.
    assert [pair.likeness for pair in between(["abcdefghijkl"], ["abcdefghijk"])] == [0.9]
    assert between(["abcdefghijklmn"], ["abcdefghijk"]) == []


def test_families_are_chains_of_alike_texts() -> None:
    first = "0123456789abcdefghij"
    chain = [first, first + "k", first + "klmn", first + "klmnopq", "something else"]
    assert families(chain)[:3] == [0, 0, 0]
    assert families(chain)[4] == 4
    assert families([]) == []


@given(st.lists(st.text("ab", max_size=9), max_size=30))
def test_no_pair_is_missed_and_none_made_up(texts: list[str]) -> None:
    assert {(pair.at, pair.other) for pair in Index(texts).pairs()} == brute(texts)


def test_many_mutated_texts_are_found_like_by_brute_force() -> None:
    rng = random.Random(5)
    texts: list[str] = []
    for _ in range(60):
        base = [rng.choice("退换货我要的了吗订单快递物流") for _ in range(rng.randint(3, 30))]
        for _ in range(4):
            other = list(base)
            other[rng.randrange(len(other))] = rng.choice("退换货我")
            texts.append("".join(other))
    found = {(pair.at, pair.other) for pair in Index(texts).pairs()}
    assert found == brute(texts)
    assert len(found) > 20
