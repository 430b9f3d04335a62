"""The one way anything leaves the office to people: a message, a row for each address, and a worker that sends them.

gate       whether anything may leave now (nothing leaves a drill): `gate.allowed()`
book       the address book and its groups        messages   making, resending, receipts
rounds     what the worker sends, and how it is safe to be killed at any moment
mail, sms  handing one row to an SMTP server or to a gateway
releasing  a decided warning as page, CAP and messages
"""
