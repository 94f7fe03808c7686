"""The customer's state of mind: the sentence model's mood columns, and cues that hold in any trade.

Praise beside trouble is the mark of sarcasm, so the cues are kinds of words and which kinds meet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind

from kefu.messages import Emotion, Mood
from kefu.understanding.sentences import Floats

MOODS: tuple[Mood, ...] = ("negative", "neutral", "positive")
COLUMNS = len(MOODS) + 1
"""The moods, then sarcasm."""

_WORDS = {
    "praise": "真行 真棒 真好 好棒 棒棒 太棒 很棒 厉害 佩服 牛 优秀 完美 真快 好快 很快 超快 太快 快得很 高效 贴心 专业 负责 周到 点赞 满意 靠谱 "
    "服气 给力 神速 五星 好评 一流 满分 良心 讲信用 耐用 省心 省料 细心 用心 精致 讲究 大牌 聪明 真会 太会 可以可以 绝了 真香 爱了 喜欢 真值 "
    "优惠 一百分 杠杠的 鲜美 新鲜 好看 漂亮 舒服 好用 好吃 流畅 痛快 及时 准时 客气 热情 耐心 有水平 幽默 够意思 真顶 不错 惊喜 感动 感谢 "
    "谢谢 多谢 感恩 感激 辛苦 恭喜 太好了 真是好 美滋滋 开心 高兴 有创意 创意 省事 值得 神仙 火眼金睛 严谨 效率 诚信 真诚 大方 实惠 超值 赞 "
    "amazing awesome brilliant fantastic wonderful impressive impressed great lovely excellent perfect thank thanks love nice bravo congratulations "
    "genius five stars well done good job happy best helpful fast quick smart",
    "joy": "超出预期 比想象中好 会回购 回购 下次还来 还会来 推荐给 推荐朋友 女朋友超喜欢 很满意 非常满意 太感激 帮了大忙 解决了 搞定了 没让我失望 "
    "放心买 比图片还好看 当场解决 处理得不错 主动 多送 送了我 好评好评 不撒手 中意 靓 值了 物超所值 爱了爱了 真心不错 好喜欢 太喜欢 暖心 秒回 "
    "will buy again really happy exceeded love it so happy made my day works perfectly solved quickly highly recommend",
    "trouble": "还没 没发货 不发货 没人 不回 不理 没收到 没到 不动 破 坏 碎 错 漏 丢 裂 打不开 用不了 不能用 退不了 不给 推脱 散架 烂 空的 没一个 "
    "拉黑 听不懂 自动回复 开不了 开不开 扔 砸 晚上十点 倒着 倒过来 涨价 更贵 还贵 降价 少发 少了 缺 忘 卡 拖 审核 驳回 不说 掉 断 漏水 生锈 "
    "发霉 脱线 变形 褪色 拒绝 关门 下班 排队 等到 反悔 压 挤 白跑 拆过 用过的 假 不亮 不响 不工作 不制冷 没反应 没动静 没消息 没下文 石沉大海 "
    "再等等 敷衍 复读 打不通 挂断 转来转去 踢皮球 砍单 代签 偷 空盒 少一 少两 没装 没放 收了我 自己掏钱 自己修 差评 冷冰冰 "
    "still never broken wrong missing nobody ignored late cracked lost waiting leaking twice empty dead smashed refused closed hung up "
    "no reply no answer not working doesn't work didn't",
    "anger": "垃圾 骗 恶心 气死 无语 差劲 离谱 过分 坑人 坑爹 坑我 受够 失望 糟糕 太差 很差 真差 妈的 他妈 卧槽 滚 有病 脑子 什么态度 什么玩意 "
    "搞什么 受不了 忍 烦死 烦 耍我 耍人 欺负 不要脸 缺德 太慢 慢死 崩溃 寒心 后悔 再也不 别想 责任心 不负责 开什么店 做不到 没做到 说话不算 "
    "不满意 不满 投诉 举报 曝光 起诉 赔 给个准话 那么难 比登天 有那么 你们就 凭什么 多少遍 多少次 说了几遍 催了 无果 没当回事 不当回事 推来推去 "
    "没影 谁不认 忽悠 糊弄 捣糨糊 发什么疯 太坑 黑店 心累 郁闷 火大 生气 愤怒 忍无可忍 丢人 可恶 可笑 笑话 扯淡 胡扯 鬼扯 冇人理 嬲 瓜批 "
    "管不管 到底管 有没有人管 没人管 说法 worst terrible awful scam ridiculous disgusting angry furious unacceptable useless pathetic rubbish joke "
    "fed up cheated disappointed disappointing horrible hate upset frustrated frustrating sick of liar never again waste",
    "irony": "呵呵 可真 还真 真是 真有你 真有本事 了不起 服了 长见识 开眼 果然 就这 不愧 非你们莫属 好一个 所谓 号称 笑死 热搜 可惜了 我信你们 "
    "最懂 才怪 行吧 也是绝 可太 实在是高 体验了一把 成功让我 多亏 托你们的福 贵司 贵店 大牌 代言人 好样的 好家伙 您可 你可真 👏 🙃 😊 👍 wow oh "
    "just great thanks for nothing how nice keep it up good luck truly",
    "again": "又 反复 天天 每次 次次 回回 一直 永远 再次 又一次 还是 依旧 again every time always keeps keep",
    "calm": "请问 吗 怎么 可以 能不能 多少 什么 帮我 麻烦 是否 how what can could please where when which",
    "not": "不 没 别 无 未 not no don't",
}
_KINDS = tuple(_WORDS)
_LONG = re.compile(
    r"[一二两三四五六七八九十半几\d]+多?(?:天|个?星期|周|个?礼拜|个?月|个?钟头|个?小时|年|次|回|遍)|从.到|\d+ (?:days|weeks|months|hours)|an? (?:week|month|hour)|forever"
)
_MARKS = tuple(re.compile(mark) for mark in (r"[!?]{2,}", r"!", r"\?", r"哈哈|嘻嘻|😄|😁|🌹|❤|:\)"))
_BASE = len(_KINDS) + 1
_PAIRS = tuple(combinations(range(_BASE), 2))
CUES = _BASE + len(_MARKS) + len(_PAIRS) + 1
_PRAISE, _TROUBLE, _ANGER = (_KINDS.index(kind) for kind in ("praise", "trouble", "anger"))


class _Lexicon:
    """Kinds of words by one pass over the text."""

    def __init__(self) -> None:
        owner: dict[str, int] = {}
        for number, words in enumerate(_WORDS.values()):
            for word in words.split():
                owner.setdefault(word, number)
        self._kinds = list(owner.values())
        self._finder = AhoCorasick(list(owner), matchkind=MatchKind.LeftmostLongest)

    def kinds(self, text: str) -> list[float]:
        """(kinds,) zeros and ones: which kinds of words occur."""
        seen = [0.0] * len(_KINDS)
        for word, start, end in self._finder.find_matches_as_indexes(text):
            if not (text[start].isascii() and _inside_word(text, start, end)):
                seen[self._kinds[word]] = 1.0
        return seen


def _inside_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())


_LEXICON = _Lexicon()


def cues(text: str) -> list[float]:
    """(CUES,) zeros and ones about a folded text: kinds of words, marks, kinds that meet, and praise alone."""
    seen = _LEXICON.kinds(text)
    seen.append(1.0 if _LONG.search(text) else 0.0)
    marks = [1.0 if mark.search(text) else 0.0 for mark in _MARKS]
    pairs = [seen[one] * seen[other] for one, other in _PAIRS]
    alone = seen[_PRAISE] * (1.0 - max(seen[_TROUBLE], seen[_ANGER], seen[-1]))
    return [*seen, *marks, *pairs, alone]


def is_plain(text: str) -> bool:
    """Whether a folded text has no word that speaks of a mood or of trouble."""
    return not any(_LEXICON.kinds(text)[: _KINDS.index("calm")])


class MoodReader:
    """Makes an Emotion of scores. `weights` is (CUES, COLUMNS), added to the sentence model's mood columns."""

    def __init__(self, weights: Floats, sarcasm: float) -> None:
        self._weights = weights
        self._sarcasm = sarcasm

    def read(self, text: str, logits: Floats) -> Emotion:
        """The mood of a folded text; `logits` is (COLUMNS,)."""
        scores = logits + np.asarray(cues(text), np.float32) @ self._weights
        chances = _softmax(scores[:-1].tolist())
        ironic = 1.0 / (1.0 + float(np.exp(-scores[-1])))
        if ironic >= self._sarcasm:
            return Emotion("negative", round(max(ironic, chances[0]), 3), sarcasm=True)
        best = max(range(len(MOODS)), key=chances.__getitem__)
        return Emotion(MOODS[best], round(chances[best], 3))


def _softmax(scores: Sequence[float]) -> list[float]:
    top = max(scores)
    powers = [float(np.exp(score - top)) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]
