"""Released warnings for the public: page, CAP at an address that stays, feed; signed out only where the office allows it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from lxml import etree
from tests.office.sending.test_release import client, duty, released, warned  # noqa: F401

from gongbao.exchange import cap
from gongbao.office.cases import files

pytestmark = pytest.mark.django_db

PAGES = ("home", "feed")


@pytest.fixture
def release(client, warned, duty):  # noqa: F811
    return released(client, warned, duty)


def test_where_the_office_allows_it_all_of_it_is_read_without_signing_in(release, settings):
    settings.GONGBAO_PUBLIC = True
    anybody = Client()
    home = anybody.get(reverse("warnings:home")).content.decode()
    assert release.said["headline"] in home
    assert "现行" in home
    page = anybody.get(reverse("warnings:page", args=[release.identifier])).content.decode()
    assert "未经发布机关审定" in page
    file = anybody.get(reverse("warnings:file", args=[release.identifier]))
    content = b"".join(file.streaming_content)
    assert file["Content-Type"] == "application/cap+xml"
    assert content == files.path_of(release.file).read_bytes()
    assert cap.schema_faults(content) == ()


def test_elsewhere_it_asks_for_sign_in(release, settings):
    settings.GONGBAO_PUBLIC = False
    anybody = Client()
    for name, more in (("home", []), ("page", [release.identifier])):
        answer = anybody.get(reverse(f"warnings:{name}", args=more))
        assert answer.status_code == 302
        assert "next=/warnings/" in answer["Location"]
    for name, more in (("feed", []), ("file", [release.identifier])):
        assert anybody.get(reverse(f"warnings:{name}", args=more)).status_code == 401


def test_the_feed_names_each_release_with_its_cap_file(release, settings):
    settings.GONGBAO_PUBLIC, settings.GONGBAO_ADDRESS = True, "https://office.example"
    root = etree.fromstring(Client().get(reverse("warnings:feed")).content)
    links = [e.get("href") for e in root.iter("{http://www.w3.org/2005/Atom}link") if e.get("rel") == "enclosure"]
    assert links == [f"https://office.example/warnings/{release.identifier}.xml"]


def test_what_was_not_to_be_public_is_on_none_of_the_pages(client, warned, duty, settings):  # noqa: F811
    settings.GONGBAO_PUBLIC = True
    release = released(client, warned, duty, public=None)
    assert Client().get(reverse("warnings:page", args=[release.identifier])).status_code == 404
    assert release.identifier not in Client().get(reverse("warnings:feed")).content.decode()


def test_a_lifted_warning_says_so_on_its_older_pages(client, warned, duty, settings, office_clock):  # noqa: F811
    from gongbao.office.cases import service

    settings.GONGBAO_PUBLIC = True
    first = released(client, warned, duty)
    office_clock.advance(hours=1)
    service.act(warned, duty, "lifted", step="respond")
    released(client, warned, duty)
    assert "已由新的信息替代" in Client().get(reverse("warnings:page", args=[first.identifier])).content.decode()
    home = Client().get(reverse("warnings:home")).content.decode()
    assert "现行" not in home
    assert "已解除" in home
