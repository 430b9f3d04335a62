"""Accounts of the demonstration: one for each kind of work at each desk, of Langfang, of its counties, of Chengde.

They have no password: a demonstration signs in with one click, and only there.
"""

from __future__ import annotations

from dataclasses import dataclass

from gongbao.office.people import roles as r
from gongbao.office.people.models import Account
from gongbao.office.people.units import official

OFFICE, POLICE = "市政府办公室", "市公安局"
DESK = "值守"
RESPONSE, FORECAST = "市应急响应办公室", "监测预报组"


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    name: str
    unit: str
    roles: tuple[str, ...]
    posts: tuple[str, ...] = ()
    desk: str = ""


def _p(desk: str, username: str, name: str, unit: str, roles: str, posts: str = "") -> Person:
    return Person(username, name, unit, tuple(roles.split()), tuple(posts.split()), desk)


COUNTIES = {
    "三河市人民政府": "sanhe", "大厂回族自治县人民政府": "dachang", "香河县人民政府": "xianghe",
    "广阳区人民政府": "guangyang", "安次区人民政府": "anci", "固安县人民政府": "guan", "永清县人民政府": "yongqing",
    "霸州市人民政府": "bazhou", "文安县人民政府": "wenan", "大城县人民政府": "dacheng",
    "廊坊开发区管委会": "kaifaqu", "临空经济区（廊坊）管委会": "linkong",
}  # fmt: skip
BUREAUS = {
    "市住建局": "zhujian", "市城市管理综合行政执法局": "chengguan", "市交通运输局": "jiaotong",
    "市生态环境局": "huanjing", "市市场监督管理局": "shichang", "市人力资源和社会保障局": "renshe",
    "市教育局": "jiaoyu", "市卫生健康委": "weijian", "市水利局": "shuili", "市农业农村局": "nongye",
    "市医疗保障局": "yibao", "市公安局交警支队": "jiaojing", "廊坊供电公司": "gongdian", "清泉供水公司": "gongshui",
    "新奥燃气公司": "ranqi",
}  # fmt: skip
NAMES = (
    "林晓", "赵恒", "孙悦", "周宁", "吴桐", "郑重", "冯远", "陈默", "褚蓝", "卫东来", "蒋一鸣", "沈河", "韩雪松",
    "杨树", "朱清", "秦川", "尤佳", "许诺", "何田", "吕行", "施然", "张弛", "孔明亮", "曹岚", "严冬", "华章",
    "金鑫", "魏来",
)  # fmt: skip

_HOTLINE = (
    _p("12345热线", "huawu1", "李思远", OFFICE, r.CALL_TAKER),
    _p("12345热线", "huawu2", "王若溪", OFFICE, r.CALL_TAKER),
    _p("12345热线", "huawu3", "马可心", OFFICE, r.CALL_TAKER),
    _p("12345热线", "banzhang", "高岩", OFFICE, r.SHIFT_LEADER),
    _p("12345热线", "shenhe", "谢文博", OFFICE, r.REVIEWER),
)
_CITY = (
    _p(DESK, "zhiban", "罗成", "市应急管理局", r.DUTY_OFFICER),
    _p(DESK, "daiban", "梁博", OFFICE, r.DUTY_LEADER),
    _p(DESK, "hj_zhiban", "江一帆", "市生态环境局", r.DUTY_OFFICER),
    _p(DESK, "hj_zhihui", "方略", "市突发环境事件应急指挥部", r.DUTY_LEADER),
    _p(DESK, "sc_zhiban", "顾南", "市市场监督管理局", r.DUTY_OFFICER),
    _p(DESK, "wj_zhiban", "夏禾", "市卫生健康委", r.DUTY_OFFICER),
    _p(DESK, "xuezhan", "温岚", "市中心血站", r.HANDLER),
    _p(DESK, "xf_zhiban", "雷鸣", "市消防救援支队", r.DUTY_OFFICER),
    _p(DESK, "yq_zhiban", "白杨", "永清县人民政府", r.DUTY_OFFICER),
    _p("督查", "ducha", "宋毅", "市政府督查室", r.INSPECTOR),
    _p("预警", "xiangying", "唐晓峰", RESPONSE, f"{r.DUTY_OFFICER} {r.HANDLER}"),
    _p("预警", "yubao", "许晴川", FORECAST, r.HANDLER),
    _p("预警", "fuzhuren", "邓启明", RESPONSE, r.REVIEWER, "市应急响应办公室副主任"),
    _p("预警", "fuzuzhang", "彭泽", "市政府", r.DUTY_LEADER, "市大气领导小组副组长"),
    _p("预警", "zuzhang", "曾广", "市政府", r.DUTY_LEADER, "市大气领导小组组长"),
    _p("信用监管", "jianguan", "萧然", "市市场监督管理局", r.REGULATOR),
    _p("信用监管", "xinyong", "田野", "市行政审批局", f"{r.HANDLER} {r.REGULATOR}"),
    _p("年鉴", "nianjian", "季然", "市地方志编纂中心", r.HANDLER),
    _p("年鉴", "wenguang", "乔木", "市文化广电和旅游局", r.HANDLER),
    _p("政策和管理", "zhengce", "董安", "市司法局", r.POLICY_EDITOR),
    _p("政策和管理", "guanli", "袁方", OFFICE, r.ADMINISTRATOR),
)
_CHENGDE = (
    _p("承德市", "cd_zhiban", "叶舟", "承德市政府办公室", r.DUTY_OFFICER),
    _p("承德市", "cd_zhengce", "潘岳", "承德市政府办公室", r.POLICY_EDITOR),
    _p("承德市", "cd_guanli", "杜若", "承德市政府办公室", r.ADMINISTRATOR),
)
_POLICE = (
    _p("110", "jiejing1", "戴维嘉", POLICE, r.POLICE_CALL_TAKER),
    _p("110", "jiejing2", "夏至", POLICE, r.POLICE_CALL_TAKER),
    _p("110", "zhihui", "钟鸣", POLICE, r.DISPATCHER),
    _p("110", "ducha110", "汪洋", POLICE, r.INSPECTOR),
    _p("110", "guanli110", "石磊", POLICE, r.ADMINISTRATOR),
)


def handlers() -> tuple[Person, ...]:
    units = {**BUREAUS, **COUNTIES}
    return tuple(
        _p("县区承办" if unit in COUNTIES else "部门承办", code, name, unit, r.HANDLER)
        for (unit, code), name in zip(units.items(), NAMES, strict=False)
    )


def people(site: str) -> tuple[Person, ...]:
    """Everybody who has an account on this instance, in the order in which they are listed."""
    return _POLICE if site == "110" else (*_HOTLINE, *_CITY, *handlers(), *_CHENGDE)


def fill(site: str) -> int:
    made = []
    for person in people(site):
        account = Account(
            username=person.username, name=person.name, unit=official(person.unit), roles=list(person.roles),
            posts=list(person.posts), demonstration=True,
        )  # fmt: skip
        account.set_unusable_password()
        account.full_clean(exclude=["password"])
        made.append(account)
    Account.objects.bulk_create(made)
    return len(made)
