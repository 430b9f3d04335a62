"""gongbao runs a city's normative documents: each is a policy pack (data), and one engine carries its work."""

__version__ = "0.1.0"
