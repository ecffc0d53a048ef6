"""Private PostgreSQL, Mosquitto and Redis, started from the machine's installed programs."""
