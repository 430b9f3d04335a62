"""The office: the city's work on its packs, as a Django project. Cases and their event log, accounts, pages, API, worker."""
