"""The living demonstration: an organisation, its drivers, and simulated phones that publish over real MQTT."""

from hub.demo.stage import run

__all__ = ["run"]
