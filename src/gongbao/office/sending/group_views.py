"""Groups of the address book: by city groups, areas, units and posts, with how many contacts each has today."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongbao.office.people import access, audit, units
from gongbao.office.people import roles as r
from gongbao.office.sending import book
from gongbao.office.sending.models import Contact, Group

KEEPERS = (r.DUTY_OFFICER, r.DUTY_LEADER, r.ADMINISTRATOR)


def groups(request: HttpRequest) -> HttpResponse:
    access.require(request.user, *KEEPERS)
    if request.method == "POST":
        return _save(request, Group())
    return _page(request, None, {}, {})


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    access.require(request.user, *KEEPERS)
    group = get_object_or_404(Group, pk=pk)
    if request.method != "POST":
        return _page(request, group, {
            "name": group.name, "unit_groups": group.unit_groups, "areas": group.areas, "units": "\n".join(group.units),
            "posts": "\n".join(group.posts)}, {})  # fmt: skip
    if request.POST.get("do") == "delete":
        name = group.name
        group.delete()
        audit.note(request.user, "删除收件组", name, {}, request)
        flash.success(request, f"已删除收件组“{name}”，联系人保留")
        return redirect("sending:groups")
    return _save(request, group)


def _save(request: HttpRequest, group: Group) -> HttpResponse:
    post = request.POST
    known = {key for key, _ in book.unit_groups()}
    given: dict[str, Any] = {
        "name": post.get("name", "").strip(), "unit_groups": [k for k in post.getlist("unit_groups") if k in known],
        "areas": [a for a in post.getlist("areas") if a in units.areas()], "units": post.get("units", ""),
        "posts": post.get("posts", ""),
    }  # fmt: skip
    names, posts = (
        list(dict.fromkeys(filter(None, map(str.strip, given[k].splitlines())))) for k in ("units", "posts")
    )
    errors: dict[str, str] = {}
    if not given["name"] or len(given["name"]) > 60:
        errors["name"] = "须填写，最多 60 字"
    elif Group.objects.filter(name=given["name"]).exclude(pk=group.pk).exists():
        errors["name"] = f"已有“{given['name']}”"
    unknown = [name for name in names if not book.known_unit(name)]
    if unknown:
        errors["units"] = f"没有这个单位：{'、'.join(unknown[:5])}"
    if not (given["unit_groups"] or given["areas"] or names or posts):
        errors["unit_groups"] = "至少选一项：单位组、区域、单位或岗位"
    if errors:
        return _page(request, group if group.pk else None, given, errors)
    group.name, group.unit_groups, group.areas = given["name"], given["unit_groups"], given["areas"]
    group.units, group.posts = [units.official(name) for name in names], posts
    group.save()
    audit.note(
        request.user, "保存收件组", group.name, {"组": group.unit_groups, "区域": group.areas, "岗位": posts}, request
    )
    flash.success(request, f"收件组“{group.name}”已保存，现有 {book.members(group).count()} 个联系人")
    return redirect("sending:groups")


def _page(request: HttpRequest, group: Group | None, given: dict[str, Any], errors: dict[str, str]) -> HttpResponse:
    labels = {"name": "名称", "units": "单位", "unit_groups": "范围"}
    return render(request, "sending/groups.html", {
        "group": group, "given": given, "errors_of": errors, "tab": "groups",
        "errors": [{"id": k, "label": labels[k], "text": v} for k, v in errors.items()],
        "groups": [(g, book.members(g).count()) for g in Group.objects.all()], "unit_groups": book.unit_groups(),
        "areas": units.areas(), "contacts": Contact.objects.count(),
        "posts": sorted(set(Contact.objects.exclude(post="").values_list("post", flat=True)[:5000])),
    }, status=422 if errors else 200)  # fmt: skip
