"""What callers of the demonstration say: things that go wrong, at invented places, in different words.

Nothing is taken from a document or from a real call. Each kind of matter knows the row of the list it stands in and the
bureau that handles it where the county does not.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

PLACES = (
    "三河市", "大厂回族自治县", "香河县", "广阳区", "安次区", "固安县", "永清县", "霸州市", "文安县", "大城县",
    "廊坊开发区", "临空经济区（廊坊）",
)  # fmt: skip
COUNTY_OF = {
    "三河市": "三河市人民政府", "大厂回族自治县": "大厂回族自治县人民政府", "香河县": "香河县人民政府",
    "广阳区": "广阳区人民政府", "安次区": "安次区人民政府", "固安县": "固安县人民政府", "永清县": "永清县人民政府",
    "霸州市": "霸州市人民政府", "文安县": "文安县人民政府", "大城县": "大城县人民政府",
    "廊坊开发区": "廊坊开发区管委会", "临空经济区（廊坊）": "临空经济区（廊坊）管委会",
}  # fmt: skip
WEIGHTS = (14, 4, 7, 18, 13, 10, 6, 12, 7, 5, 8, 2)

_A = ("和", "新", "永", "文", "广", "安", "兴", "景", "锦", "云", "清", "柳", "槐", "杏", "枫", "桂")
_B = ("平", "华", "源", "泰", "苑", "宁", "盛", "阳", "园", "溪", "林", "川", "庄", "河", "桥", "岸")
_STREETS = ("路", "街", "道", "大街", "胡同", "北路", "南街")
_HOMES = ("小区", "家园", "花园", "里", "公寓", "新村", "嘉园")


@dataclass(frozen=True, slots=True)
class Kind:
    category: str
    list_row: str
    bureau: str | None  # handles instead of the county, now and then
    weight: int
    says: tuple[str, ...]  # {street} {home} {n} {days}
    answers: tuple[str, ...]


KINDS = (
    Kind("公共设施", "附件2 第1行", "市住建局", 16, (
        "{street}{n}号门口的路灯连着{days}天不亮，晚上看不清路",
        "{home}东门外的井盖松动，车一压就响，怕伤着人",
        "{street}路面坑洼，下雪后看不清，电动车摔了两回",
        "{home}围墙裂了一道缝，墙根下常有孩子玩",
        "{street}公交站牌歪了，风一吹直晃",
    ), ("已到现场维修，恢复使用", "已更换损坏部件，设专人巡查", "已列入本周维修计划并完成修补")),
    Kind("供热供水供电", "附件2 第15行", None, 20, (
        "{home}{n}号楼暖气不热，室内只有{temp}度，家里有老人",
        "{home}停水{days}天了，物业说不清什么时候来",
        "{street}沿街商户从早上起没电，冰柜里的货要坏",
        "{home}水压太低，五楼以上用不了热水器",
        "{home}燃气表显示不对，充了值用不上",
    ), ("已排气并清洗过滤网，入户测温达标", "管道已抢修完毕，恢复供应", "已更换表具，余额核对一致")),
    Kind("市容环境", "附件2 第2行", "市城市管理综合行政执法局", 18, (
        "{home}北侧的垃圾堆了{days}天没人清",
        "{street}早市散了以后满地菜叶，没有人打扫",
        "{street}{n}号门前占道摆摊，轮椅过不去",
        "{home}楼道里贴满小广告，撕了又贴",
    ), ("已清运并消毒，增加清运频次", "已劝导摊主入市经营，安排人员值守", "已清理并对发布人作停机处理")),
    Kind("施工扰民", "附件2 第4行", "市住建局", 8, (
        "{street}工地夜里{hour}点还在施工，孩子睡不着",
        "{home}楼上装修砸墙，担心砸的是承重墙",
        "{street}工地的土车不盖布，一路扬灰",
    ), ("已责令停止夜间施工并约谈施工单位", "已现场核查，未动承重结构，限定施工时间", "已要求苫盖冲洗，复查合格")),
    Kind("物业服务", "附件2 第18行", "市住建局", 14, (
        "{home}电梯一个月坏了三回，物业只贴告示不修",
        "{home}车位被长期占用，物业不管",
        "{home}物业费涨了没有开过业主大会",
        "{home}消防通道停满车，大门口也堵着",
    ), ("已督促物业完成维修，检验合格后运行", "已调解，物业公示收支", "已划线清障，物业设专人疏导")),
    Kind("劳动保障", "附件2 第19行", "市人力资源和社会保障局", 10, (
        "在{street}一家饭店干了三个月，老板欠两个月工资",
        "{home}工地年前的工钱到现在没结清",
        "单位没有给上社会保险，问怎么补",
    ), ("欠薪已支付，双方签字确认", "已立案调查并约谈用人单位", "已说明补缴办法并协助办理")),
    Kind("消费维权", "附件2 第19行", "市市场监督管理局", 12, (
        "在{street}一家健身房办了卡，店关了不退钱",
        "{street}超市的鸡蛋标价和结账价不一样",
        "网上买的家具有划痕，商家在{street}，不肯换",
    ), ("经调解商家已退款", "已核查并责令改正价签，退还差价", "双方达成换货协议")),
    Kind("环境保护", "附件2 第5行", "市生态环境局", 8, (
        "{street}加工厂晚上放气，味道呛人",
        "{home}后面的沟水发黑发臭",
        "{street}厂房的机器声昼夜不停",
    ), ("已现场检查，企业加装处理设施", "已截污清淤，水质改善", "已监测并要求加装隔声罩，复测达标")),
    Kind("道路交通", "附件2 第6行", "市交通运输局", 8, (
        "{street}公交末班车{hour}点前就没了，下班赶不上",
        "{street}指路牌被树挡住，外地车总走错",
        "出租车从火车站到{home}不打表，多收了三十块",
    ), ("已调整末班车时间并公示", "已修剪遮挡并校正标牌", "已核实并退还多收费用")),
    Kind("医保社保", "附件2 第19行", "市医疗保障局", 9, (
        "老人异地看病的单子什么时候能报，材料交了{days}天",
        "孩子出生后参保交了钱，医院显示没有参保",
    ), ("已完成审核并支付", "已更正参保信息，可正常结算")),
    Kind("农业农村", "附件2 第19行", "市农业农村局", 6, (
        "村里的机井坏了，{home}这边三十亩地浇不上",
        "{street}村口的大棚被风掀了，问有没有补助",
    ), ("机井已修复通水", "已告知申报程序，完成登记")),
)  # fmt: skip
QUESTIONS = (
    ("请问新生儿上户口要带什么材料", "户籍办理", "已告知所需材料和办理地点"),
    ("请问退休金调整什么时候到账", "社会保障", "已告知发放时间和查询方式"),
    ("请问老旧小区加装电梯怎么申请", "住房保障", "已告知申请条件和程序"),
    ("请问今年的灵活就业社保缴费标准", "社会保障", "已告知缴费档次和渠道"),
    ("请问不动产证丢了怎么补", "不动产登记", "已告知补办程序和时限"),
    ("请问外地车进城有没有限制", "道路交通", "已告知现行规定和查询方式"),
)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = ("建国", "秀兰", "志强", "桂英", "小军", "丽华", "海燕", "永强", "雪梅", "晓东", "文静", "国栋", "玉珍", "浩然")


def street(chance: random.Random) -> str:
    return chance.choice(_A) + chance.choice(_B) + chance.choice(_STREETS)


def home(chance: random.Random) -> str:
    return chance.choice(_A) + chance.choice(_B) + chance.choice(_HOMES)


def place(chance: random.Random) -> str:
    return chance.choices(PLACES, WEIGHTS)[0]


def say(chance: random.Random, words: str) -> str:
    """The sentence with its blanks filled; the address is inside it."""
    return words.format(
        street=street(chance), home=home(chance), n=chance.randrange(1, 160), days=chance.choice("两三四五六"),
        hour=chance.choice(("十", "十一", "十二")), temp=chance.randrange(12, 18),
    )  # fmt: skip


def caller(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


def phone(chance: random.Random) -> str:
    """A number of a range that no operator gives out."""
    return f"100{chance.randrange(10**7, 10**8):08d}"
