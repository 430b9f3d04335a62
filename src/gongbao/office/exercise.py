"""Whether all that is done here is an exercise: one question, asked of one setting, for everything that must know.

A drill runs on a site of its own (演练台) with a database of its own. What it makes bears 演练 in its number or at its
head; nothing of it leaves. A process that finds itself on the data of the other kind does not begin.
"""

from __future__ import annotations

from django.conf import settings

from gongbao.office import clock

SITE = "drill"  # the value of GONGBAO_SITE
MARK = "演练"  # begins every number given here, and heads every paper
SHOWN = "演示"  # heads the papers of a demonstration, whose data are invented


class WrongDatabase(RuntimeError):
    """A drill on the data of an office, or an office on those of a drill."""


def here() -> bool:
    """Whether this process is the drill site."""
    return bool(settings.GONGBAO_SITE == SITE)


def mark() -> str:
    """What a paper made now bears at its head: 演练, 演示, or nothing."""
    return MARK if here() else SHOWN if clock.is_demonstration() else ""


def check_database() -> None:
    """WrongDatabase where what is stored is of the other kind. Before anything is emptied, brought over or fired."""
    from gongbao.office.cases.models import Case
    from gongbao.office.drills.models import Drill

    played = Case.objects.filter(number__startswith=MARK)
    if not here():
        if played.exists() or Drill.objects.exists():
            raise WrongDatabase("这个数据库是演练台的，不能作办公用；请核对 DATABASE_URL 和 GONGBAO_SITE")
        return
    if real := Case.objects.exclude(number__startswith=MARK).first():
        raise WrongDatabase(f"数据库里有不是演练的事项（{real.number}），演练台不用它；请核对演练台的 DATABASE_URL")
    if "real" in settings.DATABASES:
        own, office = (
            (d.get("HOST"), str(d.get("PORT") or ""), str(d["NAME"])) for d in map(_named, ("default", "real"))
        )
        if own == office:
            raise WrongDatabase("演练台和办公台用了同一个数据库；请核对 DATABASE_URL 和 GONGBAO_DRILL_OF")


def _named(alias: str) -> dict[str, object]:
    return dict(settings.DATABASES[alias])
