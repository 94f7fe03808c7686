"""What the words around a number say that it is."""

from __future__ import annotations

import re

_CARD = (
    r"银行|卡号|储蓄卡|信用卡|借记卡|工资卡|账号|帐号|账户|帐户|开户|打款|汇款|转账到"
    r"|[工建农中招交]行|邮储|浦发|card|account|debit|credit|visa|master"
)
_ORDER = (
    r"订单|单号|运单|快递|物流|包裹|编号|流水|发票|税号|条码|条形码|序列号|串号|货号|型号|券码|兑换码"
    r"|交易号|商品|顺丰|圆通|中通|申通|韵达|京东|order|tracking|parcel|invoice|serial|imei|\bsn\b"
)
_CUE = re.compile(f"(?P<card>{_CARD})|(?P<order>{_ORDER})", re.IGNORECASE)
_LABELLED_ORDER = re.compile(
    r"(?:订单号码?|订单编号|单号|编号|序列号|串号|流水号|货号|型号|税号|条码|券码|兑换码|交易号"
    r"|order\s?(?:no|number|id)|tracking\s?(?:no|number))\.?\s?(?:是|为|[:：#=])*\s?\Z",
    re.IGNORECASE,
)
_BEFORE, _AFTER = 16, 8


def about(text: str, start: int, end: int) -> str | None:
    """What a number at [start, end) is called: "card", "order", or None. The nearest cue before it wins."""
    before = [cue.lastgroup for cue in _CUE.finditer(text, max(0, start - _BEFORE), start)]
    if before:
        return before[-1]
    after = _CUE.search(text, end, end + _AFTER)
    return after.lastgroup if after else None


def labelled_order(text: str, start: int) -> bool:
    """Whether what begins here is plainly given as an order's or a parcel's number."""
    return _LABELLED_ORDER.search(text, max(0, start - _BEFORE), start) is not None
