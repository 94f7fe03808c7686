"""Which of a shop's goods, and which colour or size, is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.errors import PackError
from kefu.messages import Slot
from kefu.understanding.slots.catalogue import Catalogue, Choices
from kefu.understanding.slots.forms import Forms

PACK = Path(__file__).parents[3] / "packs" / "retail"
KINDS = Catalogue(
    ["空气炸锅", "扫地机器人", "笔记本电脑", "平板电脑", "智能手表", "洗衣机", "面霜", "电饭煲"]
)
MODELS = Catalogue(
    [
        "iPhone 15 Pro Max",
        "iPhone 15 Pro",
        "iPhone 15",
        "iPhone 5",
        "星澜空气炸锅 X12",
        "星澜空气炸锅 X20",
    ]
)


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("空气炸锅", "空气炸锅"),
        ("扫地机", "扫地机器人"),
        ("笔记本", "笔记本电脑"),
        ("电脑", None),  # two of them
        ("智能手环", None),  # another thing
        ("洗碗机", None),
        ("面膜", None),
        ("电饭锅", None),
        ("iPad", None),
        ("", None),
    ],
)
def test_a_phrase_means_a_name_only_where_it_is_clear(phrase: str, name: str | None) -> None:
    assert KINDS.match(phrase) == name


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("iphone15promax", "iPhone 15 Pro Max"),
        ("iPhone15", "iPhone 15"),
        ("iphone 15 pro", "iPhone 15 Pro"),
        ("iphone 12", None),
        ("X12炸锅", "星澜空气炸锅 X12"),
        ("炸锅x20", "星澜空气炸锅 X20"),
        ("星澜炸锅", None),
        ("炸锅 x30", None),
    ],
)
def test_a_model_number_says_more_than_the_rest(phrase: str, name: str | None) -> None:
    assert MODELS.match(phrase) == name


def test_an_empty_catalogue_knows_nothing() -> None:
    assert Catalogue([]).match("空气炸锅") is None


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("黑的", "黑色"),
        ("黑", "黑色"),
        ("256", "256GB"),
        ("256g", "256GB"),
        ("43", "43码"),
        ("标准", "标准版"),
        ("1.8", None),
        ("大一号", None),
        ("深蓝", None),
    ],
)
def test_a_short_value_is_completed_where_one_fits(said: str, value: str | None) -> None:
    choices = Choices(["黑色", "蓝色", "256GB", "43码", "1.8米", "1.8L", "标准版"])
    assert choices.match(said) == value


def settled(forms: Forms, known: dict[str, str], *said: tuple[str, str]) -> list[str]:
    slots = [Slot(name, raw, raw, at * 10, at * 10 + 5) for at, (name, raw) in enumerate(said)]
    return [slot.value for slot in forms.settle(slots, known)]


def test_the_goods_decide_what_a_size_means() -> None:
    forms = Forms.of(PACK)
    assert settled(forms, {}, ("spec", "1.8"), ("spec", "12")) == ["1.8", "12"]
    assert settled(forms, {}, ("product", "手机"), ("spec", "256")) == ["手机", "256GB"]
    assert settled(forms, {}, ("product", "床垫"), ("spec", "1.8")) == ["床垫", "1.8米"]
    assert settled(forms, {"product": "电热水壶"}, ("spec", "1.8")) == ["1.8L"]
    assert settled(forms, {}, ("product", "扫地机"), ("spec", "黑的")) == ["扫地机器人", "黑色"]


@pytest.mark.parametrize(
    ("slot", "said", "value"),
    [
        ("courier", "顺丰速运", "顺丰"),
        ("courier", "SF Express", "顺丰"),
        ("courier", "圆通快递", "圆通"),
        ("courier", "闪送", "闪送"),
        ("payment_method", "vx", "微信"),
        ("payment_method", "WeChat Pay", "微信"),
        ("payment_method", "zfb", "支付宝"),
        ("payment_method", "打白条", "白条"),
        ("payment_method", "花呗", "花呗"),
        ("member_level", "黄金会员", "金卡"),
        ("member_level", "PLUS", "PLUS会员"),
        ("tax_id", "91110000802100433b", "91110000802100433B"),
        ("coupon", "满三百减五十", "满300减50"),
        ("product", "<NAME_1>", "<NAME_1>"),
        ("store", "乐品旗舰店", "乐品旗舰店"),
    ],
)
def test_names_for_the_same_thing_become_one(slot: str, said: str, value: str) -> None:
    assert settled(Forms.of(PACK), {}, (slot, said)) == [value]


def pack(folder: Path, slots: str) -> Path:
    (folder / "slots.yaml").write_text(f"# goods\nslots:\n  product: {slots}\n", "utf-8")
    (folder / "goods.csv").write_text("name,size\n茶壶,大 小\n", "utf-8")
    return folder


def test_a_pack_names_its_own_table(tmp_path: Path) -> None:
    forms = Forms.of(pack(tmp_path, "{catalogue: goods.csv#name}"))
    assert settled(forms, {}, ("product", "茶 壶")) == ["茶壶"]


@pytest.mark.parametrize(
    ("slots", "wrong"),
    [
        ("{catalogue: stock.csv#name}", r"slots.yaml:3: there is no stock.csv"),
        ("{catalogue: goods.csv#title}", r"slots.yaml:3: .*no column 'title'; it has: name, size"),
        ("{catalogue: goods.csv}", r"slots.yaml:3: .*names no column"),
        ("{check: luhn}", "unknown check 'luhn'; one of tax_id"),
        ("{same: 茶}", "'same' maps a name to a list"),
    ],
)
def test_what_is_missing_is_named_with_its_line(tmp_path: Path, slots: str, wrong: str) -> None:
    with pytest.raises(PackError, match=wrong):
        Forms.of(pack(tmp_path, slots))


def test_a_model_without_its_pack_reads_values_as_they_are(tmp_path: Path) -> None:
    assert settled(Forms.beside(tmp_path / "model"), {}, ("courier", "顺丰速运")) == ["顺丰速运"]
