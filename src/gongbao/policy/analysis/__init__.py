"""Decision tables looked at from outside, exactly: gaps, overlaps, dead rules, and changes that no example notices.

`tables_of(source)` gives what was found per decision (`findings.TableView`), for `gongbao check` and for a page.
"""

from gongbao.policy.analysis.findings import Case, Cell, Column, Guard, RuleView, Survivor, TableView

__all__ = ["Case", "Cell", "Column", "Guard", "RuleView", "Survivor", "TableView"]
