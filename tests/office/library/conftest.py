"""A gazette of two invented documents: the one that the toy pack was made of, and one without a pack."""

from __future__ import annotations

import pytest

GAZETTE = """甲市人民政府
关于印发《甲市街面事务办理办法》的通知
甲政〔2023〕1号

各区人民政府：

现将《甲市街面事务办理办法》印发给你们，请遵照执行。

甲市人民政府
2023年1月1日

甲市街面事务办理办法

一、粉尘分级
（一）粉尘浓度达到300的，为红色。
（二）粉尘浓度达到100的，为黄色。
（三）其余情形不作预警。
二、诉求办理
（一）热线中心接到诉求后30分钟内派单。
（二）承办单位认为不属本单位职责的，可以退单。
（三）承办单位5个工作日内答复，并由热线中心督办。

乙市人民政府办公室
关于做好早市摊位安排的通知
乙政办〔2022〕7号

各县人民政府：

为做好早市摊位安排，现通知如下：

一、摊位由各县清点登记。
二、早市督办按月进行。

乙市人民政府办公室
2022年5月6日
"""


@pytest.fixture
def gazette(settings, tmp_path, toy):
    """The gazette is loaded; gives the id of the pack that stands on its first document."""
    folder = tmp_path / "loaded"
    folder.mkdir()
    (folder / "甲市公报.txt").write_text(GAZETTE, encoding="utf-8")
    settings.GONGBAO_GAZETTES = str(folder)
    return toy


@pytest.fixture
def reader(signed_in, account):
    """A person without any role in 管理."""
    return signed_in(account("li", "东区城管局", "承办人"))
