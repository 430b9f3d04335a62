"""The demonstration city: Langfang and Chengde on a stated date, with invented people, enterprises and matters.

Everything comes from one seed, is written once (each part in one transaction with its own mark) and can be told from a
real record: accounts are marked 演示账号, filled settings 演示值, and the stated date stands on every page.
"""
