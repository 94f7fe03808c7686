from __future__ import annotations

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from kefu.guarding.folded import compress, fold
from kefu.guarding.moderation import Moderation
from kefu.guarding.wordlist import read

PACK = Path(__file__).parents[2] / "packs" / "retail" / "words"
LISTS = [read(path) for path in sorted(PACK.glob("*.txt"))]
LISTED = [
    (word, words.action) for words in LISTS for word in words.words if words.action != "allow"
]
_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WIDE = {point: point + 0xFEE0 for point in range(0x21, 0x7F)}
_CYRILLIC = str.maketrans("aeopcxy", "аеорсху")
_TRADITIONAL = str.maketrans("杀网赌场黄频发电马报头", "殺網賭場黃頻發電馬報頭")


def _between(sign: str, word: str) -> str:
    """Put a sign between the characters of each part of a phrase."""
    return " ".join(sign.join(part) for part in word.split(" "))


EVASIONS: dict[str, Callable[[str], str]] = {
    "stars": lambda word: _between("*", word),
    "spaces": lambda word: _between(" ", word),
    "emoji": lambda word: _between("😀", word),
    "commas": lambda word: _between("，", word),
    "invisible": lambda word: _between("\u200b", word),
    "soft hyphen": lambda word: _between("\u00ad", word),
    "tags": lambda word: _between("\U000e0061", word),
    "bidi": lambda word: "\u202e" + word + "\u202c",
    "upper": lambda word: word.translate(_UPPER),
    "wide": lambda word: word.translate(_WIDE),
    "look-alikes": lambda word: word.translate(_CYRILLIC),
    "traditional": lambda word: word.translate(_TRADITIONAL),
    "new lines": lambda word: _between("\n", word),
}


@pytest.fixture(scope="module")
def pack() -> Moderation:
    return Moderation([PACK])


@pytest.mark.parametrize(("first", "second"), list(product(EVASIONS, EVASIONS)))
def test_every_listed_word_is_found_behind_two_disguises(
    pack: Moderation, first: str, second: str
) -> None:
    missed = [
        word
        for word, _ in LISTED
        if pack.check(f"你好，{EVASIONS[first](EVASIONS[second](word))}。").action == "allow"
    ]
    assert missed == []


def test_every_listed_word_gets_at_least_the_action_of_its_list(pack: Moderation) -> None:
    rank = ("allow", "mask", "block", "handover")
    for word, action in LISTED:
        assert rank.index(pack.check(word).action) >= rank.index(action), word


@pytest.mark.parametrize(
    "text",
    [
        "草莓什么时候发货",
        "这个怎么操作",
        "日用品有优惠吗",
        "妈妈说不好用",
        "妈妈逼我退货",
        "找零给的是假币",
        "给我妈的礼物包装一下",
        "毒性测试报告有吗",
        "能消毒,品质怎么样",
        "遇到大麻烦了",
        "麻袋有大麻袋吗",
        "跳楼价真的假的",
        "想死你们了",
        "我想死机了怎么重启",
        "包小姐姐的包包",
        "找小姐姐客服",
        "废物利用挺好",
        "鸡蛋混蛋白粉",
        "你们是不是刷单的",
        "客服在骗人，这是欺诈",
        "彩金项链多少钱",
        "枪支架能装吗",
        "水枪支持退货吗",
        "能加微信联系吗",
        "能不能转账付款",
        "手机跑分多少",
        "性价比高吗",
        "胸罩尺码",
        "避孕套保密发货吗",
        "情趣内衣怎么退",
        "酒精湿巾",
        "上门安装服务",
        "包夜宵吗",
        "扫码进群有优惠吗",
        "过去死机两次",
        "这是class A的货",
        "assassin creed有货吗",
        "I passed the class",
        "it's hitting the wall",
        "what a shitake mushroom",
        "Scunthorpe United shirt",
        "cocktail glass",
        "the sus pants",
        "pick up a bassoon",
        "发票能开吗",
        "身份证要不要上传",
        "信用卡分期",
        "白条付款失败",
        "花呗能用吗",
        "杀菌吗",
        "杀价",
        "农药残留检测",
        "吊灯怎么装上,吊扇呢",
        "冰箱除冰,毒性大吗",
        "B套餐,A片区能送吗",
        "他妈的生日快到了想买蛋糕",
        "黑色情侣装有货吗",
        "白色情人节礼盒",
        "颜色情况和图片一样吗",
        "USB线和MSB接口",
        "傻瓜相机有吗",
    ],
)
def test_clean_words_of_customers_are_not_hit(pack: Moderation, text: str) -> None:
    assert pack.check(text).findings == ()


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("你们都是sb", "mask"),
        ("傻 X 客服", "mask"),
        ("c a o 你 妈", "mask"),
        ("操你妈", "mask"),
        ("有色情光盘吗", "block"),
        ("法 轮 功", "block"),
    ],
)
def test_short_spaced_and_bare_words_are_found(pack: Moderation, text: str, action: str) -> None:
    assert pack.check(text).action == action


def test_who_quotes_an_insult_to_complain_is_not_refused(pack: Moderation) -> None:
    assert pack.check("你们客服骂我傻逼，我要投诉").action == "mask"


def test_who_speaks_of_dying_reaches_a_person_whatever_else_is_said(pack: Moderation) -> None:
    verdict = pack.check("输光了，傻逼客服，我不想活了")
    assert verdict.action == "handover"
    assert {finding.kind for finding in verdict.findings} == {"abuse", "self_harm"}
    assert pack.check("赌博网站害得我想自杀").action == "handover"


def test_findings_lie_where_the_word_stood(pack: Moderation) -> None:
    text = "你是\u200b個 傻，。\u200b逼 吧"
    [finding] = pack.check(text).findings
    assert text[finding.start : finding.end] == "傻，。\u200b逼"


def test_a_gap_of_more_than_three_signs_saves_a_word(pack: Moderation) -> None:
    assert pack.check("傻...逼").action == "mask"
    assert pack.check("傻....逼").action == "allow"


@pytest.mark.parametrize(
    "text", ["", "傻", "a  b....c", "...x", "x....", "①⑩.İßΑ", "\ud800傻\x00逼"]
)
def test_the_fast_way_of_folding_agrees_with_the_exact_one(text: str) -> None:
    assert fold(text).text == compress(text)


def _write(path: Path, action: str, *words: str) -> None:
    path.write_text("\n".join([f"# category: {path.stem}", f"# action: {action}", *words]), "utf-8")
    stamp = path.stat().st_mtime_ns + 1_000_000 * len(words)
    os.utime(path, ns=(stamp, stamp))


def test_an_operator_adds_words_and_forgives_others(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    _write(ours / "rude.txt", "mask", "坏词", "粗话")
    _write(theirs / "brands.txt", "block", "某牌")
    _write(theirs / "fine.txt", "allow", "粗话")
    moderation = Moderation([ours, theirs])
    assert moderation.check("某牌").action == "block"
    assert moderation.check("粗话").action == "allow"
    assert moderation.check("坏词").action == "mask"


def test_an_edited_list_counts_at_the_next_reload(tmp_path: Path) -> None:
    _write(tmp_path / "a.txt", "mask", "坏词")
    moderation = Moderation([tmp_path])
    assert not moderation.reload_if_changed()
    _write(tmp_path / "a.txt", "block", "新词", "坏词")
    _write(tmp_path / "b.txt", "mask", "别的")
    assert moderation.reload_if_changed()
    assert moderation.check("新词").action == "block"
    assert moderation.check("别的").action == "mask"
    (tmp_path / "a.txt").unlink()
    assert moderation.reload_if_changed()
    assert moderation.check("新词").action == "allow"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"# category: a\n# action: mask\n",
        b"just words\n",
        b"# category: a\n# action: kill\nx",
        b"\xff\xfe\x00",
    ],
)
def test_a_broken_list_keeps_its_last_good_version_and_is_reported(
    tmp_path: Path, broken: bytes
) -> None:
    told: list[tuple[str, str]] = []
    _write(tmp_path / "a.txt", "mask", "坏词")
    moderation = Moderation([tmp_path], lambda path, reason: told.append((path.name, reason)))
    (tmp_path / "a.txt").write_bytes(broken)
    assert not moderation.reload_if_changed()
    assert moderation.check("坏词").action == "mask"
    assert [name for name, _ in told] == ["a.txt"]
    assert not moderation.reload_if_changed()
    assert len(told) == 1


def test_a_list_that_is_broken_from_the_start_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("no header", "utf-8")
    _write(tmp_path / "good.txt", "mask", "坏词")
    assert Moderation([tmp_path]).check("坏词").action == "mask"


def test_a_folder_that_is_not_there_holds_no_words(tmp_path: Path) -> None:
    assert Moderation([tmp_path / "none"]).check("坏词").action == "allow"


def test_the_longest_word_at_a_place_wins_and_innocence_wins_a_draw(tmp_path: Path) -> None:
    _write(tmp_path / "a.txt", "mask", "甲乙", "丙丁")
    _write(tmp_path / "b.txt", "block", "甲乙丙")
    _write(tmp_path / "c.txt", "allow", "丙丁")
    moderation = Moderation([tmp_path])
    assert [f.kind for f in moderation.check("甲乙丙丁").findings] == ["b"]
    assert moderation.check("丙丁").action == "allow"


def test_a_word_begins_at_no_half_of_a_character(tmp_path: Path) -> None:
    _write(tmp_path / "a.txt", "mask", "0号")
    moderation = Moderation([tmp_path])
    assert moderation.check("⑩号").action == "allow"
    assert moderation.check("0号").action == "mask"
