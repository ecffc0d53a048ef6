"""What a listener sees of a room, whatever the order in which things reach the room and the listener."""

import json
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from msgspec.structs import replace

from freight.basemap import MapSettings
from freight.events.views import EventView
from freight.shares.views import PublicTrip
from freight.tracking.views import PositionView, TrackView
from freight.trips.views import Silence, TripDriver, TripView, dt
from push.messages import ServerMessage
from push.rooms.organisation import OrganisationPicture
from push.rooms.picture import REMEMBERED_EVENTS
from push.rooms.share import SharePicture

BEGAN = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
TRIPS = (1, 2, 3)


def position(trip_id: int, sequence: int) -> PositionView:
    return PositionView(trip_id, sequence, 1_000 * sequence, 1_000 * sequence, 42.0, 74.0 + sequence)


def trip(trip_id: int, *, cargo: str = "", sequence: int = 0, heard: int = 0) -> TripView:
    return TripView(
        id=trip_id,
        order_id=trip_id,
        stage="in_transit",
        cargo_name=cargo,
        customer_name="",
        weight_kg=None,
        note="",
        driver=TripDriver(1, "Driver", None, "", ""),
        stops=[],
        plan_version=1,
        window_from=BEGAN,
        window_to=None,
        delivered_at=None,
        route_length_m=None,
        route_duration_s=None,
        route_approximate=False,
        position=position(trip_id, sequence) if sequence else None,
        silence=Silence(last_heard_at=BEGAN + dt.timedelta(seconds=heard)),
        share_count=0,
    )


def event(event_id: int, revision: int = 1, withdrawn: bool = False) -> EventView:
    return EventView(event_id, revision, "arrived", "trip", 1, 1, 1, 1, BEGAN, BEGAN, "gps", False, withdrawn, {})


def public(*, stage: Any = "in_transit", sequence: int = 0, moment: int = 0) -> PublicTrip:
    return PublicTrip(
        brand="",
        order_id=1,
        stage=stage,
        cargo_name="",
        driver_name="",
        vehicle_plate="",
        vehicle_model="",
        stops=[],
        route=None,
        track=None,
        position=position(1, sequence) if sequence else None,
        delivered_at=None,
        ends_at=None,
        server_time_ms=moment,
        map=MapSettings(),
    )


class Listener:
    """A page by the rules of the wire: newest position wins, a gap or another epoch asks for a snapshot."""

    def __init__(self) -> None:
        self.epoch, self.sequence = "", -1
        self.lost = True
        self.trips: dict[int, str] = {}
        self.sequences: dict[int, int] = {}

    def hear(self, frame: bytes | None) -> None:
        if frame is None:
            return
        # Every frame is one the wire knows.
        msgspec.json.decode(frame, type=ServerMessage)
        self.apply(json.loads(frame))

    def apply(self, message: dict[str, Any]) -> None:
        if message["type"] == "snapshot":
            self.epoch, self.sequence, self.lost = message["epoch"], message["sequence"], False
            self.trips, self.sequences = {}, {}
            for seen in message["trips"]:
                self.show(seen)
            return
        if message["epoch"] != self.epoch or message["sequence"] != self.sequence + 1:
            self.lost = True
            return
        self.sequence += 1
        for moved in message.get("positions", ()):
            self.move(moved)
        if message["type"] == "trip":
            self.show(message["trip"])
        if message["type"] == "trip_gone":
            del self.trips[message["trip_id"]]
            self.sequences.pop(message["trip_id"], None)

    def show(self, seen: dict[str, Any]) -> None:
        self.trips[seen["id"]] = seen["cargo_name"]
        if seen["position"]:
            self.move(seen["position"])

    def move(self, moved: dict[str, Any]) -> None:
        known = self.sequences.get(moved["trip_id"], 0)
        self.sequences[moved["trip_id"]] = max(known, moved["sequence"])


class Story(RuleBasedStateMachine):
    """Rows change, words of it are told, lost or late, frames are dropped, pages come and ask again."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = {number: trip(number, cargo="0") for number in TRIPS}
        self.gone: set[int] = set()
        self.room = OrganisationPicture()
        self.room.load(self.rows.values())
        self.pages: list[Listener] = []
        self.late: list[PositionView] = []
        self.join()

    def say(self, frame: bytes | None, deaf: Listener | None = None) -> None:
        for page in self.pages:
            if page is not deaf:
                page.hear(frame)

    def shown(self) -> list[TripView]:
        return [row for number, row in self.rows.items() if number not in self.gone]

    def drive(self, number: int) -> PositionView:
        known = self.rows[number].position
        moved = position(number, known.sequence + 1 if known else 1)
        self.rows[number] = replace(self.rows[number], position=moved)
        return moved

    @rule(number=st.sampled_from(TRIPS), word=st.sampled_from(["told", "late", "lost"]))
    def move(self, number: int, word: str) -> None:
        moved = self.drive(number)
        if word == "told":
            self.room.take([moved])
        elif word == "late":
            self.late.append(moved)

    @rule(number=st.sampled_from(TRIPS), told=st.booleans())
    def rename(self, number: int, told: bool) -> None:
        self.rows[number] = replace(self.rows[number], cargo_name=self.rows[number].cargo_name + "1")
        if told and number not in self.gone:
            self.say(self.room.change(self.rows[number]))

    @rule(number=st.sampled_from(TRIPS), told=st.booleans())
    def leave(self, number: int, told: bool) -> None:
        self.gone.add(number)
        if told:
            self.say(self.room.forget(number))

    @rule(number=st.sampled_from(TRIPS), told=st.booleans())
    def come_back(self, number: int, told: bool) -> None:
        self.gone.discard(number)
        if told:
            self.say(self.room.change(self.rows[number]))

    @rule()
    def flush(self) -> None:
        self.room.take(self.late)
        self.late.clear()
        self.say(self.room.positions_frame(0))

    @rule()
    def refresh(self) -> None:
        for row in self.shown():
            self.say(self.room.change(row))
        for number in set(self.room.trips) & self.gone:
            self.say(self.room.forget(number))

    @rule()
    def lose_the_bus(self) -> None:
        self.room.load(self.shown())
        self.say(self.room.snapshot(0, 0))

    @rule()
    def join(self) -> None:
        self.pages.append(Listener())
        self.pages[-1].hear(self.room.snapshot(0, 0))

    @rule(number=st.sampled_from(TRIPS), page=st.integers(0, 5))
    def drop_a_frame(self, number: int, page: int) -> None:
        self.room.take([self.drive(number)])
        self.say(self.room.positions_frame(0), deaf=self.pages[page % len(self.pages)])

    @rule()
    def resync(self) -> None:
        for page in self.pages:
            if page.lost:
                page.hear(self.room.snapshot(0, 0))

    def teardown(self) -> None:
        self.refresh()
        self.say(self.room.positions_frame(0))
        # Whoever missed the last frame learns so by the next one.
        self.say(self.room.tell(event(1)))
        self.resync()
        for page in self.pages:
            assert page.trips == {row.id: row.cargo_name for row in self.shown()}
            stored = {row.id: row.position.sequence for row in self.shown() if row.position}
            assert page.sequences == stored


def test_every_page_ends_with_what_the_database_holds() -> None:
    run_state_machine_as_test(Story, settings=settings(max_examples=150, stateful_step_count=40, deadline=None))


def test_a_position_heard_while_the_rows_were_read_survives_the_load() -> None:
    room = OrganisationPicture()
    room.take([position(1, 5)])
    room.load([trip(1, sequence=3)])
    assert json.loads(room.snapshot(0, 0))["trips"][0]["position"]["sequence"] == 5


def test_an_older_position_is_passed_over() -> None:
    room = OrganisationPicture()
    room.load([trip(1, sequence=3)])
    room.take([position(1, 2), position(1, 3)])
    assert room.positions_frame(0) is None


def test_a_trip_unheard_of_is_asked_for_and_shown_where_it_is() -> None:
    room = OrganisationPicture()
    room.load([])
    assert room.take([position(9, 4)]) == {9}
    frame = room.change(trip(9, sequence=2))
    assert frame is not None
    assert json.loads(frame)["trip"]["position"]["sequence"] == 4


def test_a_trip_that_only_was_heard_again_is_no_change() -> None:
    room = OrganisationPicture()
    room.load([trip(1, heard=1)])
    assert room.change(trip(1, heard=2)) is None


def test_a_row_newer_than_the_bus_moves_the_truck() -> None:
    room = OrganisationPicture()
    room.load([trip(1, sequence=1)])
    assert room.change(trip(1, sequence=2)) is None
    frame = room.positions_frame(0)
    assert frame is not None
    assert json.loads(frame)["positions"][0]["sequence"] == 2


def test_a_forgotten_trip_leaves_the_snapshot() -> None:
    room = OrganisationPicture()
    room.load([trip(1, sequence=1)])
    frame = room.forget(1)
    assert frame is not None
    assert json.loads(frame)["trip_id"] == 1
    assert room.forget(1) is None
    assert json.loads(room.snapshot(0, 0))["trips"] == []


def test_a_new_load_is_a_new_epoch() -> None:
    room = OrganisationPicture()
    room.load([])
    before = room.epoch
    room.load([])
    assert room.epoch != before
    assert room.sequence == 0


def test_each_revision_of_a_fact_is_told_once() -> None:
    room = OrganisationPicture()
    room.load([])
    told = [room.tell(one) is not None for one in (event(1), event(1), event(1, 2), event(1), event(1, 3, True))]
    assert told == [True, False, True, False, True]


def test_the_memory_of_facts_is_bounded() -> None:
    room = OrganisationPicture()
    for number in range(REMEMBERED_EVENTS + 10):
        room.tell(event(number))
    assert len(room.events.told) == REMEMBERED_EVENTS


def test_a_share_hears_of_its_own_trip_only() -> None:
    room = SharePicture(1)
    room.load(public(sequence=1))
    room.take([position(2, 9)])
    assert room.positions_frame(0) is None
    room.take([position(1, 2)])
    frame = room.positions_frame(0)
    assert frame is not None
    assert [seen["trip_id"] for seen in json.loads(frame)["positions"]] == [1]


def test_a_share_is_told_a_change_but_not_the_clock() -> None:
    room = SharePicture(1)
    room.load(public(moment=1))
    assert room.change(public(moment=2), with_path=True) is None
    frame = room.change(public(stage="delivered"), with_path=True)
    assert frame is not None
    assert json.loads(frame)["trip"]["stage"] == "delivered"


def path(stored_count: int, encoded: str = "") -> TrackView:
    return TrackView(encoded or f"1,{stored_count},", stored_count, stored_count, False)


def test_a_share_is_not_sent_a_path_it_drew_itself() -> None:
    room = SharePicture(1)
    room.load(replace(public(sequence=1), track=path(1)))
    room.take([position(1, 2), position(1, 3)])
    assert room.change(replace(public(sequence=3), track=path(3)), with_path=True) is None
    assert not room.path_is_behind


def test_a_share_is_sent_the_path_again_once_points_came_late() -> None:
    room = SharePicture(1)
    room.load(replace(public(sequence=1), track=path(1)))
    room.take([position(1, 2)])
    late = replace(public(sequence=2), track=path(40))
    assert room.change(late, with_path=False) is None
    assert room.path_is_behind
    frame = room.change(late, with_path=True)
    assert frame is not None
    assert json.loads(frame)["trip"]["track"]["stored_count"] == 40
    assert room.change(late, with_path=True) is None


def test_a_share_is_sent_a_path_judged_anew() -> None:
    room = SharePicture(1)
    room.load(replace(public(sequence=1), track=path(9, "1,0,before")))
    frame = room.change(replace(public(sequence=1), track=path(9, "1,0,after")), with_path=True)
    assert frame is not None
    assert json.loads(frame)["trip"]["track"]["encoded"] == "1,0,after"


def test_a_share_without_a_picture_has_no_snapshot() -> None:
    try:
        SharePicture(1).snapshot(0)
    except LookupError:
        return
    raise AssertionError
