"""The shop's rules in numbers. policy.md and faq.yaml tell customers the same."""

from __future__ import annotations

HOUR = 3600
DAY = 24 * HOUR

FREE_SHIPPING_FROM = 4900
"""Cents. Below it the customer pays FREIGHT, or FREIGHT_REMOTE to a remote region."""
FREIGHT = 600
FREIGHT_REMOTE = 1500
REMOTE = ("新疆", "西藏")

SHIP_WITHIN = 48 * HOUR
RETURN_WITHIN = 7 * DAY
"""Return without a reason, counted from the signature."""
EXCHANGE_WITHIN = 15 * DAY
"""Exchange, or return for a fault, counted from the signature."""
REPORT_WITHIN = 7 * DAY
"""Missing, wrong, damaged or lost: to be reported this long after the signature."""
PRICE_PROTECTION = 15 * DAY
"""Counted from the payment."""
UNCANCEL_WITHIN = DAY

REFUND_DAYS = {"微信支付": 1, "支付宝": 1, "花呗": 1, "银行卡": 3}
"""Working days until the money is back, by the way it was paid."""

POINTS_PER_YUAN = 1
POINTS_TO_YUAN = 100
"""So many points are worth one yuan."""

LEVELS = ("普通", "银卡", "金卡", "黑金")
DISCOUNT = {"普通": 100, "银卡": 98, "金卡": 95, "黑金": 92}
"""Percent of the price that a member pays."""
GROWTH = {"普通": 0, "银卡": 2000, "金卡": 8000, "黑金": 20000}
"""Yuan spent in a year that make the level."""
FREE_RETURNS = {"普通": 0, "银卡": 2, "金卡": 6, "黑金": 12}
"""Returns a month whose freight the shop pays."""

CHANGES_A_DAY = 60
TOOL_A_DAY = {
    "urge_order": 6,
    "urge_courier": 6,
    "file_complaint": 5,
    "apply_invoice": 10,
    "add_note": 20,
}
"""How often one customer may do one thing in 24 hours; CHANGES_A_DAY for all changes together."""
