"""Look-ups about money: coupons, shipping fees and times, membership, payments."""

from __future__ import annotations

from kefu.pack.tools import Customer, look

from .aftersale_looks import cents
from .counter import ANONYMOUS, Counter, View, count
from .models import Coupon, Order, Shopper
from .order_looks import number
from .picking import pick
from .pricing import best_deal, freight, usable
from .rules import DISCOUNT, FREE_RETURNS, FREE_SHIPPING_FROM, GROWTH, LEVELS, POINTS_TO_YUAN
from .transit import days
from .views import Lens, choice, order_view
from .wording import LEVELS_EN, translated, yuan

BIRTHDAY_FROM = LEVELS.index("金卡")


class MoneyLooks(Counter):
    """Coupons, shipping, membership, payments."""

    @look
    async def coupons(
        self,
        customer: Customer,
        product: str | None = None,
        amount: str | None = None,
        quantity: str | None = None,
    ) -> View:
        """The customer's coupons, and the best combination for a product or a sum."""
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        lens = self._lens(customer)
        mine = [one for one in dossier.coupons if not one.used and one.ends > lens.seconds]
        view: View = {
            "count": count(mine),
            "lines": "\n".join(_coupon_line(one, lens) for one in mine),
        }
        total, category = self._total(product, amount, quantity)
        return view | {"priced": total > 0} | _deal(mine, total, category, lens)

    def _total(
        self, product: str | None, amount: str | None, quantity: str | None
    ) -> tuple[int, str]:
        """Cents and kind of what is to be bought."""
        asked = cents(amount)
        found = self._store.catalogue.search(product) if product else ()
        if asked or not found:
            return asked, ""
        return found[0].price * max(1, number(quantity)), found[0].category

    @look
    async def shipping_quote(
        self,
        customer: Customer,
        address: str | None = None,
        amount: str | None = None,
        order: str | None = None,
    ) -> View:
        """What shipping to a place costs, and how long it takes; the own address where none is named."""
        dossier = await self._dossier(customer)
        lens = self._lens(customer)
        place = address or (dossier.shopper.address if dossier else "")
        least, most = days(place)
        total = cents(amount)
        picked = (
            pick(dossier, self._store.catalogue, order, None, ()) if dossier and order else None
        )
        known = picked.orders[0] if picked and picked.given and picked.orders else None
        return {
            "named": bool(address),
            "known": bool(place),
            "least": least,
            "most": most,
            "region": _region(place),
            "remote": freight(10**9, place) > 0,
            "priced": total > 0,
            "fee": yuan(freight(total, place)),
            "free_from": yuan(FREE_SHIPPING_FROM),
            "order": order_view(known, lens) if known else None,
        }

    @look
    async def benefits(self, customer: Customer) -> View:
        """The customer's level, points, and the way to the next level."""
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        return {"count": "one"} | _benefits(dossier.shopper, customer.locale)

    @look
    async def member_level_facts(self, customer: Customer, level: str | None = None) -> View:
        """What a level that is named needs and gives."""
        named = next((one for one in LEVELS[:0:-1] if level and one in level), None)
        if named is None:
            return {"known": False}
        lens, percent = self._lens(customer), DISCOUNT[named]
        gift = lens.say("，生日月送满199减30券", ", and a birthday coupon (¥30 off ¥199)")
        return {
            "known": True,
            "name": translated(LEVELS_EN, named, customer.locale),
            "spent": yuan(GROWTH[named] * 100),
            "discount": lens.say(f"{percent}折", f"{100 - percent} %"),
            "returns": FREE_RETURNS[named],
            "birthday": gift if LEVELS.index(named) >= BIRTHDAY_FROM else "",
        }

    @look
    async def payment_state(
        self, customer: Customer, order: str | None = None, product: str | None = None
    ) -> View:
        """Orders that wait for payment, and one that was charged twice."""
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        lens = self._lens(customer)
        picked = pick(dossier, self._store.catalogue, order, product, ())
        orders = picked.orders if picked.given else dossier.orders
        pending = [one for one in orders if one.state == "pending"]
        twice = [one for one in orders if one.charged_twice]
        return {
            "count": count(orders),
            "given": picked.given,
            "pending": count(pending),
            "lines": "\n".join(f"· {choice(one, lens)}" for one in pending),
            "order": _first(picked.orders, picked.given, lens),
            "twice": _first(twice, True, lens),
        }


def _first(orders: list[Order] | tuple[Order, ...], wanted: bool, lens: Lens) -> View | None:
    return order_view(orders[0], lens) if orders and wanted else None


def _deal(mine: list[Coupon], total: int, category: str, lens: Lens) -> View:
    fitting = usable(mine, total, category, lens.seconds) if total else ()
    if not fitting:
        return {"fits": False, "total": yuan(total)}
    deal = best_deal(fitting, total, freight(total, ""))
    names = [lens.say(one.name, one.name_en) for one in deal.coupons]
    return {
        "fits": deal.off > 0,
        "best": " + ".join(names),
        "off": yuan(deal.off),
        "total": yuan(total),
        "pay": yuan(total + freight(total, "") - deal.off),
    }


def _coupon_line(coupon: Coupon, lens: Lens) -> str:
    name, until = lens.say(coupon.name, coupon.name_en), lens.day(coupon.ends)
    return lens.say(f"· {name}，{until}到期", f"· {name}, until {until}")


def _region(place: str) -> str:
    """The city or province of an address; nothing that would find somebody's door."""
    for end in ("市", "省", "区", "州"):
        head, found, _ = place.partition(end)
        if found:
            return head + found
    return place[:8]


def _benefits(shopper: Shopper, locale: str) -> View:
    place = LEVELS.index(shopper.level)
    following = LEVELS[place + 1] if place + 1 < len(LEVELS) else ""
    missing = max(0, GROWTH.get(following, 0) * 100 - shopper.spent)
    percent = DISCOUNT[shopper.level]
    return {
        "level": translated(LEVELS_EN, shopper.level, locale),
        "points": shopper.points,
        "worth": yuan(shopper.points * 100 // POINTS_TO_YUAN),
        "discounted": percent < 100,
        "discount": f"{percent}折" if locale != "en" else f"{100 - percent} %",
        "returns": FREE_RETURNS[shopper.level],
        "top": not following,
        "next": translated(LEVELS_EN, following, locale),
        "missing": yuan(missing),
    }
