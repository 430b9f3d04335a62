from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "gongbao.office.credit"
    verbose_name = "信用监管"

    def ready(self) -> None:
        from gongbao.office.credit import effects

        effects.listen()
