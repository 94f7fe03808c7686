"""Words that mean the same: a clause seen as a row of concepts beside its letters.

Words of the language live here; words of the trade come from the pack's concepts.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

LANGUAGE: Mapping[str, tuple[str, ...]] = {
    "when": (
        "什么时候",
        "啥时候",
        "几时",
        "何时",
        "多久",
        "多会",
        "几点",
        "哪天",
        "多长时间",
        "when",
        "how long",
        "how soon",
    ),
    "how": (
        "怎么",
        "怎样",
        "如何",
        "咋",
        "怎么样",
        "咋样",
        "怎么办",
        "咋办",
        "how do i",
        "how to",
        "how can i",
        "how",
    ),
    "why": ("为什么", "为啥", "怎么会", "咋会", "凭什么", "干嘛", "why", "how come"),
    "what": ("什么", "啥", "哪些", "哪种", "what", "which"),
    "who": ("谁", "哪个人", "who"),
    "can": (
        "能不能",
        "可不可以",
        "可以吗",
        "行吗",
        "能否",
        "是否",
        "行不行",
        "可否",
        "能吗",
        "可以么",
        "能不",
        "得行不",
        "can i",
        "could i",
        "may i",
        "is it possible",
        "am i able",
    ),
    "please": (
        "帮我",
        "麻烦",
        "请",
        "给我",
        "劳烦",
        "帮忙",
        "拜托",
        "替我",
        "我要",
        "我想",
        "想要",
        "please",
        "pls",
        "could you",
        "can you",
        "help me",
        "i want",
        "i need",
        "i'd like",
        "i would like",
    ),
    "not_yet": (
        "还没",
        "还不",
        "还未",
        "一直没",
        "迟迟",
        "到现在都",
        "至今",
        "仍然",
        "still",
        "not yet",
        "hasn't",
        "haven't",
        "yet",
    ),
    "already": ("已经", "刚刚", "刚才", "刚", "早就", "都", "already", "just"),
    "whether": (
        "了吗",
        "没有",
        "了没",
        "了么",
        "没啊",
        "吗",
        "么",
        "不",
        "呢",
        "did",
        "has",
        "have",
        "is my",
        "was my",
    ),
    "days": (
        "天了",
        "天",
        "个星期",
        "周了",
        "礼拜",
        "个月",
        "小时",
        "days",
        "weeks",
        "week",
        "hours",
    ),
    "much": ("多少", "多少钱", "几块", "几个", "how much", "how many"),
    "received": ("收到", "到货", "拿到", "拆开", "打开", "received", "got", "arrived", "opened"),
    "look": (
        "查",
        "查一下",
        "查查",
        "看看",
        "看下",
        "看一下",
        "查询",
        "瞅瞅",
        "check",
        "look up",
        "see",
        "show",
    ),
}


class Concepts:
    """Finds concepts in folded text, the longest words first."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        owner: dict[str, str] = {}
        for concept, known in (*words.items(), *LANGUAGE.items()):
            for word in known:
                owner.setdefault(word.lower(), concept)
        self._concepts = list(owner.values())
        self._finder = AhoCorasick(list(owner), matchkind=MatchKind.LeftmostLongest)

    def features(self, clause: str) -> Iterator[str]:
        """The concepts of a clause, and each pair of them in the order said."""
        found = [
            self._concepts[word]
            for word, start, end in self._finder.find_matches_as_indexes(clause)
            if _stands_alone(clause, start, end)
        ]
        for at, concept in enumerate(found):
            yield f"@{concept}"
            for other in found[at + 1 : at + 3]:
                yield f"@{concept}>{other}"


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a Latin word is not part of a longer one."""
    return not (
        (start > 0 and _latin(text[start]) and _latin(text[start - 1]))
        or (end < len(text) and _latin(text[end - 1]) and _latin(text[end]))
    )


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
