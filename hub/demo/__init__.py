"""The living demonstration: an organisation, its drivers, and simulated phones that publish over real MQTT."""
