"""SQL of orders and their stops."""

# In the order of their ids, everywhere: two who change several can wait for each other, never both ways.
LOCK_STATES = "select id, state, organisation_id from orders where id = any($1::int[]) order by id for update"

# The only statement that changes a state; compare-and-set, so that a lost race is seen.
SET_STATES = """
update orders o set state = u.target, changed_at = now()
from unnest($1::int[], $2::text[], $3::text[]) as u (id, state, target)
where o.id = u.id and o.state = u.state
returning o.id
"""

INSERT_ORDER = """
insert into orders (organisation_id, created_by, cargo_name, weight_kg, volume_m3, body_type, customer_name, note)
values ($1, $2, $3, $4, $5, $6, $7, $8)
returning id
"""

INSERT_STOPS = """
insert into order_stops
  (order_id, position, kind, name, address, country, timezone, place_id, lat, lon, fence, window_from, window_to)
select $1, s.position, s.kind, s.name, s.address, s.country, s.timezone, s.place_id, s.lat, s.lon, s.fence,
       s.window_from, s.window_to
from unnest(
  $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::float8[], $10::float8[],
  $11::jsonb[], $12::timestamptz[], $13::timestamptz[]
) as s (position, kind, name, address, country, timezone, place_id, lat, lon, fence, window_from, window_to)
"""

# Asked once the order is locked: whoever gives it to a driver holds that lock.
TRIP_OF_ORDER = "select id from trips where order_id = $1"

UPDATE_STOP = """
update order_stops
set name = $2, address = $3, lat = $4, lon = $5, fence = $6, window_from = $7, window_to = $8
where id = $1
"""
