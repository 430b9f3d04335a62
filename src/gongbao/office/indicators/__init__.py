"""规划指标: values entered once by those who answer for them, kept with their history, and judged for every plan."""
