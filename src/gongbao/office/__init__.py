"""The office: the city's work on its packs, as a Django project: cases and their log, accounts, pages, API, worker."""
