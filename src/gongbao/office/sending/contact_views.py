"""通讯录 under 管理: contacts of units, one by one and as an XLSX table. Readings, imports and exports are in the audit log."""

from __future__ import annotations

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from gongbao.office.cases import files
from gongbao.office.management.doors import ADMINISTRATOR, only, tabs
from gongbao.office.people import access, audit, units
from gongbao.office.sending import book
from gongbao.office.sending.models import Contact

PAGE = 50
LABELS = dict(zip(book.FIELDS, book.HEADER, strict=True))


@require_GET
@only(*ADMINISTRATOR)
def contacts(request: HttpRequest) -> HttpResponse:
    """The list, masked: who keeps the book need not read it. One contact is read to be changed, and that is logged."""
    return _list(request)


def _list(request: HttpRequest, faults: tuple[str, ...] = (), status: int = 200) -> HttpResponse:
    q = request.GET.get("q", "").strip()[:60]
    page = Paginator(book.find(q), PAGE).get_page(request.GET.get("page"))
    rows = [(c, access.mask(c.name) if c.name else "", _masked_mail(c.email), access.mask(c.mobile) if c.mobile else "")
            for c in page]  # fmt: skip
    return render(request, "sending/contacts.html", {
        "page": page, "rows": rows, "q": q, "all": Contact.objects.count(), "tabs": tabs(request.user), "tab": "contacts",
        "errors": [{"text": fault} for fault in faults], "header": book.HEADER,
    }, status=status)  # fmt: skip


def _masked_mail(email: str) -> str:
    name, at, domain = email.partition("@")
    return f"{name[:1]}＊＊{at}{domain}" if email else ""


@only(*ADMINISTRATOR)
def new(request: HttpRequest) -> HttpResponse:
    return _form(request, Contact())


@only(*ADMINISTRATOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact, pk=pk)
    if request.method == "POST" and request.POST.get("do") == "delete":
        contact.delete()
        audit.note(request.user, "删除联系人", contact.unit, {}, request)
        flash.success(request, f"已删除{contact.unit}的一个联系人")
        return redirect("management:contacts")
    if request.method != "POST":
        audit.note(request.user, audit.READ_PERSONAL, f"联系人 {pk}", {"facts": list(book.HEADER[1:5])}, request)
    return _form(request, contact)


def _form(request: HttpRequest, contact: Contact) -> HttpResponse:
    given = {name: getattr(contact, name) for name in book.FIELDS}
    errors: dict[str, str] = {}
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in book.FIELDS}
        errors = book.faults_of(given)
        if not errors:
            given["unit"] = units.official(given["unit"])
            for name, value in given.items():
                setattr(contact, name, value)
            contact.save()
            audit.note(request.user, "保存联系人", contact.unit, {"联系人": contact.pk}, request)
            flash.success(request, "已保存")
            return redirect("management:contacts")
    return render(request, "sending/contact.html", {
        "contact": contact, "tabs": tabs(request.user), "tab": "contacts",
        "controls": [(name, LABELS[name], given[name], book.LENGTHS[name], errors.get(name, "")) for name in book.FIELDS],
        "errors": [{"id": k, "label": LABELS[k], "text": v} for k, v in errors.items()],
        "unit_names": [u.name for city in units.city_units() for u in city.units.values()],
    }, status=422 if errors else 200)  # fmt: skip


@require_POST
@only(*ADMINISTRATOR)
def bring(request: HttpRequest) -> HttpResponse:
    """Import a table: the contacts of the units that it names are replaced by it."""
    upload = request.FILES.get("file")
    if upload is None:
        return _list(request, ("没有选文件",), 422)
    try:
        taken = book.from_table(upload.read(), upload.name or "")
    except book.BadTable as bad:
        return _list(request, bad.faults, 422)
    audit.note(request.user, "导入通讯录", upload.name or "", {"联系人": taken}, request)
    flash.success(request, f"已导入 {taken} 个联系人；表中各单位原有的联系人已替换")
    return redirect("management:contacts")


@require_GET
@only(*ADMINISTRATOR)
def take(request: HttpRequest) -> HttpResponse:
    """The book as XLSX (?sample=1: its header and one example)."""
    if request.GET.get("sample"):
        rows = [
            Contact(
                unit="廊坊市生态环境局", name="（姓名）", post="值班室", email="duty@example.com", mobile="13800000000"
            )
        ]
    else:
        rows = list(Contact.objects.all())
        audit.note(
            request.user, audit.READ_PERSONAL, "通讯录", {"facts": list(book.HEADER[1:5]), "导出": len(rows)}, request
        )
    answer = HttpResponse(book.as_table(rows), content_type=files.KINDS[".xlsx"])
    answer.headers["Content-Disposition"] = 'attachment; filename="contacts.xlsx"'
    return answer
