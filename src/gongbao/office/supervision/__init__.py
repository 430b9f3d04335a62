"""督查: one board of the supervision office's matters and of the dated tasks of all plans, each with its light and why."""
