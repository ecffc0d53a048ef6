"""One arena for all fault tests: whatever a test breaks is up again before the next one begins."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.arena import Arena


@pytest_asyncio.fixture(scope="package")
async def arena(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Arena]:
    """The whole product, durable, under its own supervisor."""
    base = tmp_path_factory.getbasetemp()
    for folder in (base.parent, base):
        folder.chmod(0o755)
    directory = tmp_path_factory.mktemp("arena")
    directory.chmod(0o755)
    running = Arena(directory)
    await running.start()
    yield running
    await running.stop()
