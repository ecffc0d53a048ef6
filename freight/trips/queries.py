"""SQL of trips: the lists, one trip, its stops, its facts, its travelled path."""

# When a public link (s) to a trip (t, of the order o) ends: at its own date, else some days after the delivery, or
# after the trip was cancelled or failed; null while neither is known.
SHARE_ENDS_AT = """
coalesce(s.expires_at,
  coalesce(t.delivered_at, case when o.state in ('cancelled', 'failed') then t.window_to end)
  + make_interval(days => s.days_after_delivery))
"""

_TRIP = f"""
select t.id, t.order_id, o.state as stage, o.cargo_name, o.customer_name, o.weight_kg, o.note,
  t.driver_id, u.name as driver_name, u.phone as driver_phone, d.vehicle_plate, d.vehicle_model,
  t.plan_version, t.window_from, t.window_to, t.delivered_at,
  route.length_m as route_length_m, route.duration_s as route_duration_s,
  coalesce(route.approximate, false) as route_approximate,
  k.sequence, k.fix_time, k.received_at, k.lat, k.lon, k.accuracy_m, k.speed_mps, k.bearing_deg,
  k.battery_pct, k.flags, k.progress_m, k.eta_at, k.eta_computed_at,
  heard.device_count, heard.reported_at, heard.offline_at, heard.reported_battery_pct,
  (select count(*) from shares s
   where s.trip_id = t.id and s.revoked_at is null and coalesce({SHARE_ENDS_AT} > now(), true)) as share_count
from trips t
join orders o on o.id = t.order_id
join drivers d on d.id = t.driver_id
join users u on u.id = d.user_id
left join tracks k on k.trip_id = t.id
-- One look into the stored route; its line is long and kept out of the row.
left join lateral jsonb_to_record(t.route) as route (length_m float8, duration_s float8, approximate boolean) on true
left join lateral (
  select count(*) as device_count, max(r.last_heard_at) as reported_at,
    (array_agg(r.offline_at order by r.last_heard_at desc nulls last))[1] as offline_at,
    (array_agg(r.battery_pct order by r.last_heard_at desc nulls last))[1] as reported_battery_pct
  -- What his phones say after the trip is another trip's, and maybe another company's.
  from driver_devices e left join device_reports r
    on r.device_id = e.id and (t.window_to is null or r.last_heard_at <= t.window_to)
  where e.driver_id = t.driver_id and e.disabled_at is null
) heard on true
"""

# The live picture of an organisation: what is under way, and what ended within a day.
_SHOWN = "t.organisation_id = $1 and (t.window_to is null or t.window_to > now() - interval '24 hours')"

SHOWN = f"{_TRIP} where {_SHOWN} order by t.id desc"

SHOWN_OF = f"{_TRIP} where {_SHOWN} and t.id = any($2::int[])"

ONE = f"{_TRIP} where t.organisation_id = $1 and t.id = $2"

BY_ID = f"{_TRIP} where t.id = any($1::int[]) order by t.id"

OF_DRIVER = f"{_TRIP} where t.driver_id = $1 and t.window_to is null"

LAST_ENDED = """
select t.id as trip_id, o.id as order_id, o.state as stage, e.at, coalesce(e.data ->> 'reason', '') as reason,
  (select s.name from order_stops s where s.order_id = o.id order by s.position limit 1) as from_name,
  (select s.name from order_stops s where s.order_id = o.id order by s.position desc limit 1) as to_name
from trips t
join orders o on o.id = t.order_id
join events e on e.order_id = o.id and e.stop_id is null and e.kind = o.state
where t.driver_id = $1 and o.state in ('cancelled', 'failed') and e.at > now() - interval '24 hours'
order by e.at desc
limit 1
"""

# A page of the list, open trips first, then those that ended last. $2: states; $3: a pattern, or null; $4: the trip to
# go on behind, or null.
PAGE = f"""{_TRIP}
where t.organisation_id = $1 and o.state = any($2::text[])
  and ($4::int is null or (coalesce(t.window_to, 'infinity'), t.id) < (
    select coalesce(last.window_to, 'infinity'), last.id from trips last
    where last.id = $4 and last.organisation_id = $1))
  and ($3::text is null or u.name ilike $3 or d.vehicle_plate ilike $3 or o.cargo_name ilike $3
    or o.customer_name ilike $3 or t.order_id::text ilike $3
    or exists (select from order_stops s where s.order_id = t.order_id and s.name ilike $3))
order by t.window_to desc nulls first, t.id desc
limit $5
"""

STOPS = """
select s.order_id, s.id, s.position, s.kind, s.name, s.address, s.country, s.timezone, s.lat, s.lon, s.fence,
  s.window_from, s.window_to, v.arrived_at, v.arrived_source, v.departed_at, v.departed_source
from trips t
join order_stops s on s.order_id = t.order_id
left join visits v on v.trip_id = t.id and v.stop_id = s.id
where t.id = any($1::int[])
order by s.order_id, s.position
"""

ROUTE = "select route from trips where id = $1"


# Whether a trip is this organisation's, or this driver's, with what its marks and track need.
OWNED = """
select t.id, t.order_id, t.organisation_id, t.driver_id, t.window_from, t.window_to, o.state
from trips t join orders o on o.id = t.order_id
where t.id = $1 and t.organisation_id = $2
"""

# The trip of a stop this driver carries, or lately carried: a button pressed without network is told later.
CARRIED_STOP = """
select t.id, t.order_id, t.organisation_id, t.driver_id, t.window_from, t.window_to, o.state
from order_stops s join orders o on o.id = s.order_id join trips t on t.order_id = o.id
where s.id = $2 and t.driver_id = $1 and (t.window_to is null or t.window_to > now() - interval '3 days')
"""


# The path a trip keeps: its simplified track once its positions are past their retention.
TRACK = """
select t.driver_id, t.window_from, st_asbinary(t.track, 'NDR') as line, coalesce(k.fix_count, 0) as fix_count
from trips t left join tracks k on k.trip_id = t.id
where t.id = $1
"""

# --- changes ---

# Two who give one driver a trip take turns; whoever tracks his present one only refers to the row and need not wait.
# What is true of him is asked afterwards, in a statement that need not wait any more.
LOCK_DRIVER = "select 1 from drivers where id = $1 for no key update"

DRIVER = """
select d.id, u.disabled_at is not null as disabled
from organisation_drivers m
join drivers d on d.id = m.driver_id
join users u on u.id = d.user_id
where m.organisation_id = $1 and m.driver_id = $2
"""

OPEN_TRIP_OF_DRIVER = """
select t.id, o.state from trips t join orders o on o.id = t.order_id
where t.driver_id = $1 and t.window_to is null
"""

INSERT_TRIP = """
insert into trips (order_id, organisation_id, driver_id, window_from, route)
values ($1, $2, $3, $4, $5)
returning id
"""

INSERT_TRACK = "insert into tracks (trip_id) values ($1)"

CLOSE_WINDOW = """
update trips set window_to = greatest($2, window_from), plan_version = plan_version + 1
where id = $1 and window_to is null
"""

PUT_MARK = """
insert into marks (trip_id, stop_id, kind, source, at, user_id) values ($1, $2, $3, $4, $5, $6)
on conflict (trip_id, stop_id, kind, source) do update set at = excluded.at, user_id = excluded.user_id
"""

DELETE_MARK = "delete from marks where trip_id = $1 and stop_id = $2 and kind = $3 and source = $4 returning id"

CARRIED_WITHOUT_WINDOW = """
select exists (
  select from trips t join orders o on o.id = t.order_id
  join trips other on other.driver_id = t.driver_id and other.id <> t.id and other.window_to is null
  where t.id = $1 and t.window_to is not null
    and o.state in ('assigned', 'at_loading', 'in_transit', 'at_unloading')
)
"""

STOP_BELONGS = "select 1 from order_stops where order_id = $1 and id = $2"

LOCK_TRACK = "select 1 from tracks where trip_id = $1 for no key update"

# Asked by whoever holds the trip's track: nobody else changes its stops meanwhile.
STOP_OF_TRIP = """
select s.id, s.position, s.kind, s.name, s.address, s.lat, s.lon, s.fence, s.window_from, s.window_to,
       o.state, v.departed_at, t.plan_version
from trips t
join orders o on o.id = t.order_id
join order_stops s on s.order_id = o.id
left join visits v on v.trip_id = t.id and v.stop_id = s.id
where t.id = $1 and s.id = $2
"""

PLACES = "select id, lat, lon from order_stops where order_id = $1 order by position"

# Only while the stops are still where ($3 lat, $4 lon) the route was planned through: who moved one meanwhile plans for
# himself, and perhaps more quickly.
SET_ROUTE = """
update trips t set route = $2, plan_version = plan_version + 1
where t.id = $1 and ($3::float8[], $4::float8[]) = (
  select array_agg(s.lat order by s.position), array_agg(s.lon order by s.position)
  from order_stops s where s.order_id = t.order_id
)
returning t.id
"""

TRIP_TO_FINISH = """
select t.driver_id, t.window_from, t.window_to from trips t
where t.id = $1 and t.window_to is not null
"""

SAVE_FINISHED_TRACK = """
update trips set track = st_geomfromewkb($2), track_length_m = $3 where id = $1 and window_to is not null
"""
