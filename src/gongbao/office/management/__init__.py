"""管理: accounts, units, packs, settings and their owners, the office's time, the calendar, the log, the digests."""
