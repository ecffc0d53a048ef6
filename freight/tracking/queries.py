"""SQL of tracks, visits and tracking windows."""

# Tracks are locked in the order of their trips, everywhere: two workers can wait for each other, never both ways.
# A statement that waited for a lock reads the locked row anew, and nothing else: what it joined is as old as the
# statement. So it asks for the sequence alone, which rises with every change of the track and, by a trigger, of its
# trip's window and plan; what these say is read afterwards (READ_TRACKS), and only when the sequence is another.
LOCK_OPEN_TRACKS = """
select k.trip_id, k.sequence
from trips t join tracks k on k.trip_id = t.id
where t.driver_id = any($1::int[]) and t.window_to is null
order by t.id
for no key update of k
"""

# Finished trips some late fixes may still belong to.
LOCK_FINISHED_TRACKS = """
select k.trip_id, k.sequence
from trips t join tracks k on k.trip_id = t.id
where t.driver_id = any($1::int[]) and t.window_to >= $2 and t.window_from <= $3
order by t.id
for no key update of k
"""

LOCK_TRACKS = """
select k.trip_id, k.sequence
from tracks k
where k.trip_id = any($1::int[])
order by k.trip_id
for no key update
"""

# For a look at many before a few of them are locked.
SEQUENCES = "select trip_id, sequence from tracks where trip_id = any($1::int[]) order by trip_id"

READ_TRACKS = """
select k.trip_id, t.plan_version, t.window_to, k.state, k.fix_time, k.sequence, k.fix_count, k.battery_pct,
       k.progress_m, k.eta_at, k.eta_computed_at
from tracks k join trips t on t.id = k.trip_id
where k.trip_id = any($1::int[])
"""

# Where a trip's newest trusted position did not change, the old one stays with all that belongs to it. One array of
# rows costs both sides half of what an array for each column does.
SAVE_TRACKS = """
update tracks k set
  state = u.state,
  sequence = k.sequence + 1,
  fix_count = k.fix_count + u.added,
  received_at = coalesce('epoch'::timestamptz + u.received_at_us * interval '1 microsecond', k.received_at),
  fix_time = coalesce('epoch'::timestamptz + u.fix_time_us * interval '1 microsecond', k.fix_time),
  lat = case when u.fix_time_us is null then k.lat else u.lat end,
  lon = case when u.fix_time_us is null then k.lon else u.lon end,
  accuracy_m = case when u.fix_time_us is null then k.accuracy_m else u.accuracy_m end,
  speed_mps = case when u.fix_time_us is null then k.speed_mps else u.speed_mps end,
  bearing_deg = case when u.fix_time_us is null then k.bearing_deg else u.bearing_deg end,
  battery_pct = coalesce(u.battery_pct, k.battery_pct),
  flags = case when u.fix_time_us is null then k.flags else u.flags end,
  progress_m = coalesce(u.progress_m, k.progress_m),
  eta_at = case when u.eta_computed_at is null then k.eta_at else u.eta_at end,
  eta_computed_at = coalesce(u.eta_computed_at, k.eta_computed_at)
from unnest($1::track_update[]) as u
where k.trip_id = u.trip_id
"""

# Every column has a value, so that each row of the binary COPY is equally long. COPY takes no parameters; the driver
# would ask the server three times to write them in. These three are whole numbers.
STORED_TRACK = """
select fix_time, lat, lon, flags,
       coalesce(accuracy_m, 'NaN'), coalesce(speed_mps, 'NaN'), coalesce(bearing_deg, 'NaN'),
       coalesce(battery_pct, -1::int2)
from positions
where driver_id = {driver_id:d} and trip_id = {trip_id:d}
  and fix_time >= 'epoch'::timestamptz + {window_from_us:d} * interval '1 microsecond'
order by fix_time, lat, lon
"""

CHANGE_FLAGS = """
update positions p set flags = (p.flags & ~u.cleared) | u.added
from unnest($1::int[], $2::timestamptz[], $3::float8[], $4::float8[], $5::int[], $6::int[])
  as u (driver_id, fix_time, lat, lon, cleared, added)
where p.driver_id = u.driver_id and p.fix_time = u.fix_time and p.lat = u.lat and p.lon = u.lon
  and p.fix_time >= $7 and p.fix_time <= $8
"""

SAVE_VISITS = """
insert into visits (trip_id, stop_id, arrived_at, arrived_source, departed_at, departed_source)
select * from unnest($1::int[], $2::int[], $3::timestamptz[], $4::text[], $5::timestamptz[], $6::text[])
on conflict (trip_id, stop_id) do update
set arrived_at = excluded.arrived_at, arrived_source = excluded.arrived_source,
    departed_at = excluded.departed_at, departed_source = excluded.departed_source, changed_at = now()
where (visits.arrived_at, visits.arrived_source, visits.departed_at, visits.departed_source)
  is distinct from (excluded.arrived_at, excluded.arrived_source, excluded.departed_at, excluded.departed_source)
"""

# Visits the track no longer shows.
DELETE_VISITS = """
delete from visits v using unnest($1::int[]) as changed (trip_id)
where v.trip_id = changed.trip_id
  and not exists (
    select from unnest($2::int[], $3::int[]) as kept (trip_id, stop_id)
    where kept.trip_id = v.trip_id and kept.stop_id = v.stop_id
  )
"""

# A trip ended by hand keeps its end.
SAVE_DELIVERY = """
update trips t set
  delivered_at = u.delivered_at,
  window_to = case when t.window_to is null then u.window_to else t.window_to end
from unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) as u (trip_id, delivered_at, window_to)
where t.id = u.trip_id
  and (t.delivered_at is distinct from u.delivered_at or (t.window_to is null and u.window_to is not null))
returning t.id, t.window_to is not null as ended
"""

# Open trips whose last stop was reached before $1 or left before $2.
OVERDUE = """
select t.id as trip_id
from trips t
join order_stops final on final.order_id = t.order_id
  and final.position = (select max(s.position) from order_stops s where s.order_id = t.order_id)
join visits v on v.trip_id = t.id and v.stop_id = final.id
where t.window_to is null and (coalesce(v.arrived_at, v.departed_at) <= $1 or v.departed_at <= $2)
order by t.id
"""

# Tracks whose newest word is old enough for a silent arrival, not yet too old to matter; those that fell silent last
# come first, since the others were looked at before.
QUIET_TRACKS = """
select k.trip_id
from tracks k join trips t on t.id = k.trip_id
where t.window_to is null and k.received_at < $1 and k.received_at > $2 and k.state is not null
  and (k.speed_mps < 1.4 or k.speed_mps is null)
order by k.received_at desc
"""

# One concluded before and refuted since makes room for the next.
SAVE_SILENCE_MARK = """
insert into marks (trip_id, stop_id, kind, source, at) values ($1, $2, 'arrived', 'silence', $3)
on conflict (trip_id, stop_id, kind, source) do update set at = excluded.at
"""

# A delivery taken back: the truck is followed again, unless its driver is on another trip or the order is over.
REOPEN_WINDOW = """
update trips t set window_to = null
where t.id = $1 and t.window_to is not null
  and (select state from orders where id = t.order_id) in ('assigned', 'at_loading', 'in_transit', 'at_unloading')
  and not exists (select from trips other where other.driver_id = t.driver_id and other.window_to is null)
"""

RAISE_PLAN_VERSION = "update trips set plan_version = plan_version + 1 where id = $1"

# A trip with its stops and marks, as geo folds a track against.
PLANS = """
select t.id, t.order_id, t.organisation_id, t.driver_id, t.plan_version, t.window_from,
  array(
    select jsonb_build_object('id', s.id, 'kind', s.kind, 'lat', s.lat, 'lon', s.lon, 'fence', s.fence)
    from order_stops s where s.order_id = t.order_id order by s.position
  ) as stops,
  array(
    select jsonb_build_object('stop_id', m.stop_id, 'kind', m.kind, 'source', m.source,
      'at_us', (extract(epoch from m.at) * 1000000)::bigint)
    from marks m where m.trip_id = t.id order by m.at, m.id
  ) as marks
from trips t
where t.id = any($1::int[])
"""

ROUTES = """
select id, route ->> 'line' as line, (route ->> 'length_m')::float8 as length_m,
       (route ->> 'duration_s')::float8 as duration_s
from trips where id = any($1::int[])
"""

# Sweeps of several workers tell silences one after the other, each seeing what the one before has written.
TAKE_TURN = "select pg_advisory_xact_lock(hashtext('silences'))"

# Open trips nobody has heard of since $1 and whose silence (since that word) is not told yet; the order is carried.
SILENT_TRACKS = """
select t.id as trip_id, t.order_id, t.organisation_id, k.received_at, k.battery_pct
from trips t
join tracks k on k.trip_id = t.id
join orders o on o.id = t.order_id and o.state in ('assigned', 'at_loading', 'in_transit', 'at_unloading')
where t.window_to is null and k.received_at < $1
  and coalesce((
    select max(e.at) from events e where e.subject_kind = 'trip' and e.subject_id = t.id and e.kind = 'silent'
  ), '-infinity') < k.received_at
order by t.id
limit $2
"""

# Open trips whose last silence was told and its end not yet, and who have spoken since. Of an end and a beginning at
# one moment the end came first.
RESUMED_TRACKS = """
select t.id as trip_id, t.order_id, t.organisation_id, k.received_at, last.at as silent_at
from trips t
join tracks k on k.trip_id = t.id
join lateral (
  select e.kind, e.at from events e
  where e.subject_kind = 'trip' and e.subject_id = t.id and e.kind in ('silent', 'resumed')
  order by e.at desc, e.kind = 'silent' desc
  limit 1
) last on last.kind = 'silent' and k.received_at > last.at
where t.window_to is null
order by t.id
limit $1
"""
