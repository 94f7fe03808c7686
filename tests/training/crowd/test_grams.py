"""Bags of n-grams."""

from __future__ import annotations

import os
import subprocess
import sys

from kefu.training.crowd.grams import Grams, features, pieces


def test_chinese_falls_into_characters_and_latin_into_words() -> None:
    assert pieces("退货 within 14 Days") == ["退", "货", "within", "1", "4", "days"]


def test_a_misspelt_word_shares_its_inside_with_the_right_one() -> None:
    right, wrong = (set(next(features([word]))) for word in ("transfer", "transfers"))
    assert len(right & wrong) > len(right) / 2


def test_a_piece_knows_its_neighbours() -> None:
    assert "b top up" in list(features(["top", "up"]))[1]


def test_what_training_never_saw_is_an_empty_bag() -> None:
    grams = Grams(["退货", "退货"])
    bags = grams.bags("发票")
    assert bags.ids.tolist() == [0, 0]
    assert bags.sizes.tolist() == [1, 1]


def test_an_empty_text_has_one_empty_bag() -> None:
    assert Grams(["退货"]).bags("  ").sizes.tolist() == [1]


def numbered(hash_seed: str) -> str:
    code = (
        "from kefu.training.crowd.grams import Grams;"
        "print(Grams(['where is my card'], 1).bags('where is my card').ids.tolist())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.check_output([sys.executable, "-c", code], text=True, env=environment)


def test_rows_are_numbered_alike_in_every_process() -> None:
    assert numbered("1") == numbered("2")


def test_every_feature_belongs_to_one_piece() -> None:
    grams = Grams(["my card was declined"] * 2)
    bags = grams.bags("my card was declined")
    assert bags.sizes.sum() == len(bags.ids)
    assert len(bags.sizes) == 4
