"""SQL of drivers and their devices."""

_DRIVER = """
select d.id, d.user_id, u.name, u.phone, d.vehicle_plate, d.vehicle_model,
  u.disabled_at is not null as disabled,
  exists (select from organisation_drivers other
    where other.driver_id = d.id and other.organisation_id <> m.organisation_id) as shared,
  -- Whose trip it is does not matter: on any trip the shift's last place is nobody's business.
  d.on_shift and u.disabled_at is null
    and not exists (select from trips t where t.driver_id = d.id and t.window_to is null) as on_shift,
  (select t.id from trips t join orders o on o.id = t.order_id
   where t.driver_id = d.id and t.window_to is null and t.organisation_id = m.organisation_id
     and o.state in ('assigned', 'at_loading', 'in_transit', 'at_unloading')) as open_trip_id,
  heard.device_count,
  -- By the newest trip that was heard of, not by all he ever carried.
  greatest(heard.reported_at, (select k.received_at from trips t join tracks k on k.trip_id = t.id
    where t.driver_id = d.id and t.organisation_id = m.organisation_id and k.received_at is not null
    order by t.window_from desc limit 1)) as last_heard_at
from organisation_drivers m
join drivers d on d.id = m.driver_id
join users u on u.id = d.user_id
left join lateral (
  select count(*) as device_count, max(r.last_heard_at) as reported_at
  from driver_devices e left join device_reports r on r.device_id = e.id
  where e.driver_id = d.id and e.disabled_at is null
) heard on true
where m.organisation_id = $1
"""

MINE = f"{_DRIVER} order by u.disabled_at is not null, lower(u.name), d.id"

ONE = f"{_DRIVER} and d.id = $2"

OF_USER = """
select d.id, d.user_id, d.on_shift, u.password_hash is not null as has_password
from drivers d join users u on u.id = d.user_id
where d.user_id = $1
"""

INSERT_DRIVER = "insert into drivers (user_id, vehicle_plate, vehicle_model) values ($1, $2, $3) returning id"

INSERT_MINE = "insert into organisation_drivers (organisation_id, driver_id) values ($1, $2)"

# What is null stays, also when someone else is changing it just now.
UPDATE_DRIVER = """
update drivers set vehicle_plate = coalesce($2, vehicle_plate), vehicle_model = coalesce($3, vehicle_model)
where id = $1
"""

UPDATE_NAME = "update users set name = $2 where id = (select user_id from drivers where id = $1)"

SET_SHIFT = "update drivers set on_shift = $2 where id = $1 and on_shift <> $2 returning id"

_DEVICE = """
select e.id, e.driver_id, e.login, e.kind, e.name, e.secret_version, r.last_heard_at, r.offline_at, r.battery_pct
from driver_devices e left join device_reports r on r.device_id = e.id
"""

DEVICES = f"{_DEVICE} where e.driver_id = $1 and e.disabled_at is null order by e.id"

DEVICE = f"{_DEVICE} where e.id = $1 and e.disabled_at is null"

COUNT_DEVICES = "select count(*) from driver_devices where driver_id = $1 and disabled_at is null"

LOCK_DRIVER = "select id from drivers where id = $1 for update"

INSERT_DEVICE = """
insert into driver_devices (driver_id, login, kind, name) values ($1, $2, $3, $4)
on conflict (login) do nothing
returning id
"""

# The page's own device that was locked out comes back under its login with another password: what waits on the
# phone was queued for this login.
RENEW_APP_DEVICE = """
update driver_devices set disabled_at = null, secret_version = secret_version + 1
where disabled_at is not null and id = (
  select id from driver_devices where driver_id = $1 and kind = 'app'
  order by disabled_at desc nulls first, id desc limit 1
)
returning id
"""

APP_LOGINS = "select login from driver_devices where driver_id = $1 and kind = 'app' and disabled_at is null"

APP_DEVICE = "select id from driver_devices where driver_id = $1 and kind = 'app' and disabled_at is null"

FORMER_LOGINS = """
select login from driver_devices where driver_id = $1 and kind = 'app' and disabled_at is not null order by id
"""

# A device of one of my drivers, and whose it is.
MY_DEVICE = """
select e.kind, d.id as driver_id, d.user_id,
  exists (select from organisation_drivers other
    where other.driver_id = d.id and other.organisation_id <> m.organisation_id) as shared
from driver_devices e join organisation_drivers m on m.driver_id = e.driver_id join drivers d on d.id = e.driver_id
where e.id = $1 and m.organisation_id = $2 and e.disabled_at is null
"""

DEVICES_OF_USER = """
select e.id from driver_devices e join drivers d on d.id = e.driver_id
where d.user_id = $1 and e.disabled_at is null order by e.id
"""

DISABLE_DEVICE = "update driver_devices set disabled_at = now() where id = $1 and disabled_at is null returning id"

# What a phone that comes by HTTP proves itself with.
CREDENTIALS = """
select e.id, e.login, e.secret_version
from driver_devices e join drivers d on d.id = e.driver_id join users u on u.id = d.user_id
where e.login = $1 and e.disabled_at is null and u.disabled_at is null
"""

# `broker_version` holds what the broker was last told, by `rules.broker_version`.
_BROKER = """
select e.id, e.login, e.secret_version, e.broker_version,
  e.disabled_at is null and u.disabled_at is null as enabled
from driver_devices e join drivers d on d.id = e.driver_id join users u on u.id = d.user_id
"""

BROKER_DEVICE = f"{_BROKER} where e.id = $1"

BROKER_DEVICES = f"{_BROKER} order by e.id"

SET_BROKER_VERSION = "update driver_devices set broker_version = $2 where id = $1"

# What came by HTTP and became no message. It may hold a place nobody may keep, and of an unknown phone the credential
# it has elsewhere: the payload $4 stays only while the driver of the login $6 is on a trip.
INSERT_QUARANTINE = """
insert into quarantine (topic, reason, detail, payload, size)
values ($1, $2, $3, case when exists (
  select from driver_devices d join trips t on t.driver_id = d.driver_id and t.window_to is null where d.login = $6
) then $4::bytea else ''::bytea end, $5)
"""

DELETE_OLD_QUARANTINE = "delete from quarantine where received_at < now() - make_interval(days => $1)"
