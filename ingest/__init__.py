"""MQTT in: phones' fixes become positions, visits and stages."""
