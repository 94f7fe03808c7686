"""Names and addresses: precision first, and the span that a person would mark."""

from __future__ import annotations

import pytest

from kefu.guarding.normalise import normalise
from kefu.guarding.privacy.finder import find, settle
from kefu.messages import Finding


def found(text: str, kind: str) -> list[str]:
    plain = normalise(text).text
    return [plain[f.start : f.end] for f in find(plain) if f.kind == kind]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("我叫张伟", ["张伟"]),
        ("我叫张伟想查订单", ["张伟"]),
        ("收件人换成王晓梅", ["王晓梅"]),
        ("收件人换成王梅可以吗", ["王梅"]),
        ("联系人换成金梅可吧", ["金梅可"]),
        ("收件人姓名改成李四", ["李四"]),
        ("联系人改成赵六吧", ["赵六"]),
        ("收货人：欧阳娜娜，谢谢", ["欧阳娜娜"]),
        ("收货人司马相如收", ["司马相如"]),
        ("收貨人改成阿迪力·買買提", ["阿迪力·买买提"]),
        ("我是古丽·吐尔逊", ["古丽·吐尔逊"]),
        ("张先生的快递", ["张先生"]),
        ("我是王女士，昨天买的", ["王女士"]),
        ("李小明先生收", ["李小明先生"]),
        ("陈师傅什么时候来", ["陈师傅"]),
        ("姓名：王芳 电话：13900001111", ["王芳"]),
        ("李小红，13912345678", ["李小红"]),
        ("13800138000 张三", ["张三"]),
        ("北京市海淀区中关村大街27号，李雷收", ["李雷"]),
        ("户名张三丰", ["张三丰"]),
        ("my name is John Smith", ["John Smith"]),
        ("my name is lily", ["lily"]),
        ("Mr. Brown called", ["Brown"]),
        ("收货人：Maria Lopez", ["Maria Lopez"]),
    ],
)
def test_a_name_is_found_by_its_cue(text: str, names: list[str]) -> None:
    assert found(text, "name") == names


@pytest.mark.parametrize(
    "text",
    [
        "我叫高兴",
        "我叫你们马上处理",
        "我叫了快递来取",
        "我叫小张",
        "高级会员有什么权益",
        "小米和安卓哪个好",
        "白色女士钱包",
        "夏季女士防晒衣",
        "中老年女士外套",
        "感谢老师",
        "历史老师用的书",
        "范小姐姐",
        "王女士款的包",
        "收件人写错了",
        "收件人电话是多少",
        "收货人是我老婆",
        "收货地址改一下",
        "名字叫什么",
        "联系人方式",
        "谢谢，13800138000",
        "马上，13800138000",
        "联系人马上回复",
        "my name is wrong on the parcel",
        "金卡会员",
        "用户名是XiaoLin",
        "iPhone 15 Pro",
        "联系人何吗",
    ],
)
def test_words_that_look_like_names_are_left(text: str) -> None:
    assert found(text, "name") == []


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        (
            "寄到北京市朝阳区望京街道阜通东大街6号院3号楼1单元502室，电话13800138000",
            ["北京市朝阳区望京街道阜通东大街6号院3号楼1单元502室"],
        ),
        ("地址改成朝阳区望京SOHO T2", ["朝阳区望京SOHO T2"]),
        ("改到浦东新区张江路88弄6号楼吧", ["浦东新区张江路88弄6号楼"]),
        (
            "寄到上海市浦东新区世纪大道100号环球金融中心20层行吗",
            ["上海市浦东新区世纪大道100号环球金融中心20层"],
        ),
        ("武汉市洪山区光谷大道100号，收件人还是我", ["武汉市洪山区光谷大道100号"]),
        ("南山区科技园科兴科学园A3栋行不行", ["南山区科技园科兴科学园A3栋"]),
        ("广州天河区体育西路123号", ["广州天河区体育西路123号"]),
        ("北京海淀中关村大街27号", ["北京海淀中关村大街27号"]),
        (
            "廣東省 深圳市 南山區 粵海街道 科技園路1號",
            ["广东省 深圳市 南山区 粤海街道 科技园路1号"],
        ),
        (
            "成都市武侯区天府大道北段1700号环球中心E1座1801",
            ["成都市武侯区天府大道北段1700号环球中心E1座1801"],
        ),
        (
            "苏州市工业园区星湖街328号创意产业园A1-3F",
            ["苏州市工业园区星湖街328号创意产业园A1-3F"],
        ),
        ("重庆市渝北区龙溪街道金龙路259号附8号", ["重庆市渝北区龙溪街道金龙路259号附8号"]),
        ("甘肃省临夏州临夏县黄泥湾乡三岔村2号", ["甘肃省临夏州临夏县黄泥湾乡三岔村2号"]),
        ("台北市信义区市府路45号", ["台北市信义区市府路45号"]),
        ("改到吉安市永新县城西小学", ["吉安市永新县城西小学"]),
        ("发到宝安区创新大道846号软件园二期", ["宝安区创新大道846号软件园二期"]),
        ("鼓楼区人民路8号恒大名都7-1-363", ["鼓楼区人民路8号恒大名都7-1-363"]),
        ("幸福小区3栋2单元501", ["幸福小区3栋2单元501"]),
        ("我家在中山路100号", ["中山路100号"]),
        ("放到12栋3单元1502门口", ["12栋3单元1502"]),
        (
            "ship to 350 Fifth Avenue, New York, NY 10118 please",
            ["350 Fifth Avenue, New York, NY 10118"],
        ),
        ("123 Main Street, Apt 4B, Springfield", ["123 Main Street, Apt 4B, Springfield"]),
        (
            "Room 1801, Tower A, 88 Jianguo Road, Chaoyang District, Beijing",
            ["Room 1801, Tower A, 88 Jianguo Road, Chaoyang District, Beijing"],
        ),
    ],
)
def test_a_detailed_address_is_found_whole(text: str, addresses: list[str]) -> None:
    assert found(text, "address") == addresses


@pytest.mark.parametrize(
    "text",
    [
        "发到新疆要多久",
        "北京朝阳区的订单什么时候到",
        "发到上海12号能到吗",
        "停在武汉中转场",
        "快递到了北京市顺义区转运中心",
        "北京大学出版社的书",
        "新疆包邮吗",
        "送到小区门口",
        "我家在3楼没电梯",
        "5号楼的快递柜",
        "买一送一活动到几号",
        "人民路支行",
        "推荐苏州工业园区4星级的酒店",
        "抬头开上海市徐汇区实验小学",
        "合作愉快",
        "iPhone 15 Pro Max",
    ],
)
def test_a_bare_region_or_a_date_is_no_address(text: str) -> None:
    assert found(text, "address") == []


def test_of_two_findings_that_overlap_the_surer_kind_stays() -> None:
    phone, address = Finding("phone", 5, 16), Finding("address", 0, 10)
    assert settle([address, phone]) == [phone]
    assert settle([Finding("address", 0, 4), address]) == [address]
    assert settle([]) == []
