"""工作任务: what documents order by themselves, with a date, outside any case; who has taken it up, and how far it is.

The tasks of a pack (its duties without a procedure) have one log of their own: a `Case` whose procedure is LOG, so that
they share the event store, its hash chain and the daily digest. Nothing here knows a pack.
"""

LOG = "@tasks"
SITES = frozenset({"12345", "office"})
"""The instances where units confirm their tasks; a task has one record, so the police network has none of its own."""
