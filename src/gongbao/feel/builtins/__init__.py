"""The built-in functions of FEEL (DMN 1.5, 10.3.4), a module per kind of value.

``BUILTINS`` maps a FEEL name to its ``Builtin``; ``REFUSED`` names those that a rule may not call, with the reason.
"""

from gongbao.feel.builtins import contexts, conversions, lists, numbers, ranges, strings, times
from gongbao.feel.builtins.registry import REGISTERED, Builtin, Signature

__all__ = ["BUILTINS", "REFUSED", "Builtin", "Signature", "contexts", "conversions", "lists", "numbers", "ranges"]
__all__ += ["strings", "times"]

BUILTINS: dict[str, Builtin] = dict(sorted(REGISTERED.items()))

_CLOCK = "规则里没有时钟：同一组事实任何时候都要得出同一结果，请用 as_of"
REFUSED: dict[str, str] = {"now": _CLOCK, "today": _CLOCK}
