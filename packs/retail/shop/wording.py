"""Words for what the database holds as codes, and for money and time, in both languages."""

from __future__ import annotations

from datetime import datetime

STATES = {
    "pending": ("待付款", "awaiting payment"),
    "paid": ("待发货", "to be shipped"),
    "packing": ("备货中", "being packed"),
    "shipped": ("已发货", "shipped"),
    "signed": ("已签收", "delivered"),
    "cancelled": ("已取消", "cancelled"),
    "aftersale": ("售后中", "in after-sales"),
}
KINDS = {
    "return": ("退货", "return"),
    "exchange": ("换货", "exchange"),
    "refund": ("退款", "refund"),
    "repair": ("维修", "repair"),
    "cancel": ("取消", "cancellation"),
    "missing": ("少发补寄", "missing item"),
    "wrong": ("错发换货", "wrong item"),
    "damaged": ("破损处理", "damage claim"),
    "lost": ("丢件核查", "lost-parcel search"),
}
STEPS = {
    "reviewing": ("审核中", "under review"),
    "send_back": ("审核通过，等您寄回", "approved, please send the goods back"),
    "travelling": ("寄回途中", "on its way back to us"),
    "inspecting": ("已收到，质检中", "received, being inspected"),
    "refunding": ("钱款处理中", "money on its way"),
    "resending": ("新品已寄出", "the replacement is on its way"),
    "repairing": ("师傅处理中", "in the workshop"),
    "searching": ("快递核查中", "the courier is searching"),
    "done": ("已完成", "completed"),
    "withdrawn": ("已撤销", "withdrawn"),
}
REFUNDS = {
    "waiting": ("等待退货完成", "waits for the return"),
    "processing": ("处理中", "in progress"),
    "done": ("已到账", "paid back"),
    "withdrawn": ("已撤销", "withdrawn"),
}
LEVELS_EN = {"普通": "Standard", "银卡": "Silver", "金卡": "Gold", "黑金": "Black Gold"}
METHODS_EN = {"微信支付": "WeChat Pay", "支付宝": "Alipay", "花呗": "Huabei", "银行卡": "bank card"}
COURIERS_EN = {
    "顺丰速运": "SF Express",
    "中通快递": "ZTO Express",
    "圆通速递": "YTO Express",
    "京东物流": "JD Logistics",
}


def word(table: dict[str, tuple[str, str]], code: str, locale: str) -> str:
    """The word for a code, the code itself where there is none."""
    pair = table.get(code, (code, code))
    return pair[1] if locale == "en" else pair[0]


def either(locale: str, zh: str, en: str) -> str:
    """The text in the customer's language."""
    return en if locale == "en" else zh


def translated(table: dict[str, str], name: str, locale: str) -> str:
    """A Chinese name, in English where the customer speaks it."""
    return table.get(name, name) if locale == "en" else name


def yuan(cents: int) -> str:
    """Money as people write it: 129, 129.9.

    >>> yuan(12900), yuan(12990), yuan(5)
    ('129', '129.9', '0.05')
    """
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def day(at: datetime, now: datetime, locale: str) -> str:
    """The day as seen from now: 今天, 明天, 昨天, else the date."""
    distance = (at.date() - now.date()).days
    near = _NEAR.get(distance)
    if near:
        return either(locale, *near)
    return f"{at:%b} {at.day}" if locale == "en" else f"{at.month}月{at.day}日"


def moment(at: datetime, now: datetime, locale: str) -> str:
    """Day and time of day."""
    clock = f"{at.hour:02d}:{at.minute:02d}"
    return f"{day(at, now, locale)} {clock}" if locale == "en" else f"{day(at, now, locale)}{clock}"


_NEAR = {
    -2: ("前天", "the day before yesterday"),
    -1: ("昨天", "yesterday"),
    0: ("今天", "today"),
    1: ("明天", "tomorrow"),
    2: ("后天", "the day after tomorrow"),
}
