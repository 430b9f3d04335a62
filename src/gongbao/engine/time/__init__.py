"""Time: working days and clocks (calendar, counting), and the rules that run on them (deadline and what it stands on)."""
