"""Django's registration of the one app."""

from django.apps import AppConfig


class HoldingsConfig(AppConfig):
    """The app `holdings`."""

    name = "kedang.holdings"
    label = "holdings"
    verbose_name = "馆藏"
