"""What belongs in an organisation's room: trips under way or ended within a day, and every fact."""

from freight.live import Changed, publish, to_organisation
from push.limits import PushLimits
from tests.push.conftest import Browser, Firm, Live
from tests.waiting import until


async def many_facts(firm: Firm, count: int) -> None:
    """As many facts at once, of which nobody tells."""
    await firm.pool.execute(
        """
        with made as (insert into orders (organisation_id) select $1 from generate_series(1, $2) returning id)
        insert into events (subject_kind, subject_id, organisation_id, order_id, kind, at, source)
        select 'order', id, $1, id, 'silent', now(), 'hub' from made
        """,
        *(firm.id, count),
    )


def facts(page: Browser) -> list[int]:
    return [frame["event"]["id"] for frame in page.of_type("event")]


async def test_every_one_of_many_facts_at_once_is_told_and_told_once(firm: Firm, serve) -> None:  # type: ignore[no-untyped-def]
    async with serve(PushLimits(refresh_every_s=0.3)) as live:
        page = await live.join(firm.cookie)
        await until(lambda: page.frames)
        await many_facts(firm, 650)
        await until(lambda: len(facts(page)) >= 650)
        # Another round of looking finds nothing that was told before.
        await many_facts(firm, 1)
        await until(lambda: len(set(facts(page))) == 651)
        assert len(facts(page)) == 651


async def test_more_facts_than_are_looked_back_at_are_told_as_well(firm: Firm, serve) -> None:  # type: ignore[no-untyped-def]
    async with serve(PushLimits(refresh_every_s=0.3)) as live:
        page = await live.join(firm.cookie)
        await until(lambda: page.frames)
        await many_facts(firm, 6_000)
        await until(lambda: len(facts(page)) == 6_000)


async def test_a_trip_that_ended_a_day_ago_leaves_open_pages_by_itself(firm: Firm, serve) -> None:  # type: ignore[no-untyped-def]
    old, new = await firm.trip(), await firm.trip()
    async with serve(PushLimits(refresh_every_s=0.3)) as live:
        page = await live.join(firm.cookie)
        await until(lambda: len(page.trips) == 2)
        await firm.end(old.id, 24.1, told=False)
        await until(lambda: set(page.trips) == {new.id})
        assert [frame["trip_id"] for frame in page.of_type("trip_gone")] == [old.id]


async def test_a_changed_trip_that_ended_a_day_ago_leaves_open_pages_at_once(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    page = await live.join(firm.cookie)
    await until(lambda: trip.id in page.trips)
    await firm.end(trip.id, 23.9)
    await until(lambda: page.trips[trip.id]["stage"] == "delivered")
    await firm.end(trip.id, 24.1)
    await until(lambda: trip.id not in page.trips)


async def test_a_link_made_to_an_archived_trip_puts_it_into_nobodys_page(live: Live, firm: Firm) -> None:
    archived, trip = await firm.trip(), await firm.trip()
    await firm.end(archived.id, 48)
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    await firm.share(archived.id)
    await firm.move(archived.id, 1)
    await firm.change(trip.id, "After")
    await until(lambda: page.trips[trip.id]["cargo_name"] == "After")
    assert set(page.trips) == {trip.id}
    # It was in the page at no time.
    assert {frame["trip"]["id"] for frame in page.of_type("trip")} == {trip.id}
    assert page.of_type("trip_gone") == []


async def test_another_organisations_trip_is_not_shown_whatever_the_channel_says(
    live: Live, firm: Firm, rival: Firm
) -> None:
    mine, theirs = await firm.trip(), await rival.trip()
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    await publish(firm.bus, to_organisation(firm.id, Changed("trip", theirs.id)))
    await firm.change(mine.id, "After")
    await until(lambda: page.trips[mine.id]["cargo_name"] == "After")
    assert set(page.trips) == {mine.id}
