"""How often something may happen: a steady rate with a little forgiveness, decided without a clock of its own."""


class Pace:
    """At most one in `every_s` seconds on average; one may come up to `early_s` before its time.

    A truck that speaks once a second speaks a little early or late: without the forgiveness every early fix would
    wait for the late rhythm, and the whole room would lag behind by its worst jitter.
    """

    def __init__(self, every_s: float, early_s: float = 0.0) -> None:
        self.every_s = every_s
        self.early_s = early_s
        self.due_s = float("-inf")

    def wait_s(self, now_s: float) -> float:
        """Seconds until the next one is allowed; 0 when it is now."""
        return max(0.0, self.due_s - self.early_s - now_s)

    def spend(self, now_s: float) -> None:
        """One happened now."""
        self.due_s = max(self.due_s, now_s) + self.every_s

    def allow(self, now_s: float) -> bool:
        """Spend one if it is allowed now."""
        if self.wait_s(now_s) > 0:
            return False
        self.spend(now_s)
        return True
