"""The page of the documents is the table that is asked."""

from freight.permissions import ENDPOINTS, ROOMS
from hub import permissions
from push.app import ROOMS as MADE
from push.rooms.share import ShareRoom


def test_the_committed_page_is_what_the_table_says() -> None:
    written = permissions.document()
    assert permissions.TARGET.read_text(encoding="utf-8") == written, "run `python -m hub.permissions`"
    assert all(f"`{endpoint}`" in written for endpoint in ENDPOINTS)


def test_every_room_of_the_table_is_made_by_push_and_no_other() -> None:
    assert {*MADE, ShareRoom.kind} == set(ROOMS)
