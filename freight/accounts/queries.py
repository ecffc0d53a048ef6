"""SQL of organisations, users, sessions and one-time links."""

_USER = """
u.id, u.role, u.name, u.email, u.phone, u.language, u.organisation_id,
coalesce(o.name, '') as organisation_name, coalesce(o.timezone, 'Asia/Bishkek') as timezone
"""

USER = f"""
select {_USER}
from users u left join organisations o on o.id = u.organisation_id
where u.id = $1 and u.disabled_at is null
"""

SESSION_USER = f"""
select {_USER}, s.last_seen_at < now() - interval '1 hour' as stale
from sessions s
join users u on u.id = s.user_id
left join organisations o on o.id = u.organisation_id
where s.token_hash = $1 and s.expires_at > now() and u.disabled_at is null
"""

# The span a session was given slides along: nobody who comes daily signs in again.
TOUCH_SESSION = """
update sessions set expires_at = now() + (expires_at - last_seen_at), last_seen_at = now()
where token_hash = $1 and last_seen_at < now() - interval '1 hour'
"""

# A person's home network ($3) is one he has lately signed in from.
CREDENTIALS = """
select u.id, u.password_hash, u.disabled_at is not null as disabled, exists (
  select from audit a
  where a.subject_kind = 'user' and a.subject_id = u.id and a.action = 'signed_in'
    and a.at > now() - make_interval(days => $4) and a.detail ->> 'network' = $3
) as comes_from_home
from users u where u.email = $1 or u.phone = $2
order by u.id limit 1
"""

PASSWORD_HASH = "select password_hash, name, email, phone from users where id = $1 and disabled_at is null"

SET_PASSWORD = "update users set password_hash = $2 where id = $1"

# Whoever gives a person another password, or locks him out, changes this row before anything else.
LOCK_USER = "select id from users where id = $1 for no key update"

# Holds that off until the session is there, to be ended with the others.
STILL_HIS_PASSWORD = """
select id from users where id = $1 and password_hash = $2 and disabled_at is null for share
"""

CHANGE_PASSWORD = "update users set password_hash = $2 where id = $1 and password_hash = $3 returning id"

SET_FIRST_PASSWORD = "update users set password_hash = $2 where id = $1 and password_hash is null returning id"

INSERT_SESSION = """
insert into sessions (token_hash, user_id, expires_at, address, user_agent)
values ($1, $2, now() + make_interval(days => $3), $4, $5)
"""

DELETE_SESSION = "delete from sessions where token_hash = $1 returning user_id"

DELETE_OTHER_SESSIONS = "delete from sessions where user_id = $1 and token_hash <> $2"

DELETE_SESSIONS = "delete from sessions where user_id = $1"

# Used up, not expired by the clock: a transaction begun a little earlier, whose now() is older, finds it ended as well.
END_LINKS = "update sign_in_links set used_at = now() where user_id = $1 and used_at is null"

DELETE_EXPIRED_SESSIONS = "delete from sessions where expires_at < now()"

# A person's oldest sessions beyond $2 make room for a new one.
DELETE_SURPLUS_SESSIONS = """
delete from sessions where token_hash in (
  select token_hash from sessions where user_id = $1 order by last_seen_at desc, created_at desc offset $2
)
"""

DELETE_ENDED_LINKS = "delete from sign_in_links where least(used_at, expires_at) < now() - interval '30 days'"

HAS_SESSION = "select exists (select from sessions where user_id = $1 and expires_at > now())"

ALIVE_SESSIONS = """
select s.token_hash
from sessions s join users u on u.id = s.user_id
where s.token_hash = any($1::bytea[]) and s.expires_at > now() and u.disabled_at is null
"""

INSERT_ORGANISATION = "insert into organisations (name, language, timezone) values ($1, $2, $3) returning id"

INSERT_USER = """
insert into users (organisation_id, role, name, email, phone, password_hash, language)
values ($1, $2, $3, $4, $5, $6, $7)
returning id
"""

_PERSON = """
select u.id, u.role, u.name, u.email, u.phone, coalesce(o.name, '') as company, u.disabled_at is not null as disabled,
  held.session_count, held.seen_at
from users u left join organisations o on o.id = u.organisation_id
left join lateral (
  select count(*) as session_count, max(s.last_seen_at) as seen_at
  from sessions s where s.user_id = u.id and s.expires_at > now()
) held on true
"""

PEOPLE = f"{_PERSON} order by lower(o.name) nulls last, o.id, u.role, lower(u.name), u.id"

# An address or a number says it surely; an id only where neither is meant.
PERSON = f"""{_PERSON}
where u.email = $1 or u.phone = $2 or u.id = $3
order by u.id = $3 limit 1
"""

ORGANISATIONS_NAMED = "select id from organisations where lower(name) = lower($1) or id::text = $1 order by id"

DISABLE_USER = "update users set disabled_at = coalesce(disabled_at, now()) where id = $1"

ENABLE_USER = "update users set disabled_at = null where id = $1"

SET_LANGUAGE = "update users set language = $2 where id = $1"

INSERT_LINK = """
insert into sign_in_links (token_hash, user_id, created_by, expires_at)
values ($1, $2, $3, now() + make_interval(days => $4))
returning expires_at
"""

USE_LINK = """
update sign_in_links l set used_at = now()
from users u
where l.token_hash = $1 and l.used_at is null and l.expires_at > now()
  and u.id = l.user_id and u.disabled_at is null
returning l.user_id
"""

# Told to nobody and lost without harm: whoever guesses must not see by the time it takes that there is an account.
DO_NOT_WAIT_FOR_THE_DISK = "set local synchronous_commit = off"

INSERT_WRONG_GUESS = """
insert into audit (action, subject_kind, subject_id, detail)
select 'sign_in_refused', 'user', id, jsonb_build_object('network', $2::text) from users where id = $1
"""

INSERT_AUDIT = """
insert into audit (doer_id, organisation_id, action, subject_kind, subject_id, detail)
values ($1, $2, $3, $4, $5, $6)
"""
