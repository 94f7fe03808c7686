from __future__ import annotations

import asyncio
import re
from pathlib import Path

import kefu
from answering_pack import Talk
from kefu.pack.pack import load
from kefu.pack.toolbox import Toolbox

ENGINE = Path(kefu.__file__).parent
CLINIC = Path(__file__).parents[2] / "examples" / "clinic"
BUSINESS = re.compile(
    r"order_(?:id|status|cancel|modify|urge|note)|refund|logistics|coupon|parcel|courier"
    r"|appointment|patient|clinic|退款|退货|物流|快递|挂号|诊所"
)
ROOMS = ("answering", "deciding", "dialogue", "pack", "knowledge", "llms", "storage", "gateway")


def test_the_engine_knows_no_shop_and_no_clinic() -> None:
    found = [
        f"{file.relative_to(ENGINE)}: {match.group()}"
        for room in ROOMS
        for file in (ENGINE / room).rglob("*.py")
        for match in BUSINESS.finditer(file.read_text("utf-8"))
    ]
    assert found == []


async def test_the_same_engine_runs_a_clinic(tmp_path: Path) -> None:
    pack = await asyncio.to_thread(load, CLINIC)
    desk = Talk(pack, await Toolbox.connect(pack, tmp_path))
    which = await desk.say("我想改预约时间", "appointment_change")
    assert which.text == "没有找到你的预约。"
    book = await desk.say("挂个号", "appointment_book")
    assert book.quick == ("内科", "牙科", "儿科")
    assert "周一下午2点" in (await desk.say("内科", department="内科")).text
    assert (await desk.say("第一个")).text == "帮你约内科 周一下午2点，可以吗？"
    assert (await desk.say("好的", "affirm")).text == "约好了：A104，内科 周一下午2点，王医生。"
    gone = await desk.say("想看骨科", "appointment_book", department="骨科")
    assert gone.text == "我们没有骨科，只有内科、牙科、儿科。"
    cancel = await desk.say("取消预约", "appointment_cancel")
    assert cancel.text == "确定取消 A104（内科 周一下午2点）吗？"
    assert (await desk.say("算了", "deny")).text == "好的，预约没有变。"
