"""How the tests are spread over worker processes. Each worker has services of its own: PostgreSQL, Mosquitto, Redis."""

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# The files of such a folder share a running hub and a browser; a second worker with some of them would start its own.
TOGETHER = ("tests/web/cabinet/", "tests/web/", "tests/flows/")
# What takes long begins first, so that small pieces are left to share out at the end.
LONG = (
    "tests/web/cabinet/",
    "tests/faults/test_ingest_killed.py",
    "tests/faults/test_nemesis.py",
    "tests/faults/test_clocks.py",
    "tests/web/",
    "tests/ingest/test_faults.py",
    "tests/hub/test_run.py",
    "tests/hub/test_processes.py",
    "tests/hub/test_people.py",
    "tests/hub/test_check.py",
)


def piece_of(nodeid: str) -> str:
    """What a test stays together with in one worker: its file, or the files of its folder."""
    path = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if path.startswith(folder)), path)


def rank_of(piece: str) -> int:
    """The place of a piece among those that take long; the others come after them."""
    return LONG.index(piece) if piece in LONG else len(LONG)


class LongestFirst(LoadScopeScheduling):
    """Hands a worker the longest piece that is left as soon as it has nearly done the one before."""

    def _split_scope(self, nodeid: str) -> str:
        return piece_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=rank_of), last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LongestFirst:
    """xdist asks for this when it begins."""
    return LongestFirst(config, log)
