"""The audit log is read by people: what was looked at stands there by its label."""

from __future__ import annotations

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_who_read_which_personal_data_is_told_by_the_labels_of_the_facts(dispatched, east, account, signed_in):
    signed_in(east).get(reverse("cases:page", args=[dispatched.number]))
    admin = signed_in(account("guan", "甲市人民政府", "管理员"))
    page = admin.get(reverse("management:audit"), {"act": "查看个人信息"}).content.decode()
    assert dispatched.number in page
    assert "来电人" in page
    assert "caller" not in page
