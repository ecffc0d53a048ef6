"""SQL of places and the names they are found by."""

# Two processes starting at once must not load the list at the same time; the number is this table's own.
LOCK_LOADING = "select pg_advisory_xact_lock(7461001)"
LOADED_HASH = "select content_hash from place_sources where id = 1"
SAVE_HASH = """
insert into place_sources (id, content_hash) values (1, $1)
on conflict (id) do update set content_hash = excluded.content_hash
"""

# Orders keep their place's id: a place that stays is changed in place, never removed and written anew.
STAGE_PLACES = """
create temporary table staged_places (like places) on commit drop
"""
MERGE_PLACES = """
insert into places select * from staged_places
on conflict (id) do update set
  (name_ru, name_en, name_ky, name_local, country, kind, lat, lon, population, timezone)
  = (excluded.name_ru, excluded.name_en, excluded.name_ky, excluded.name_local, excluded.country, excluded.kind,
     excluded.lat, excluded.lon, excluded.population, excluded.timezone)
"""
# A place that left the list keeps its row for the orders that name it, but is found no more.
CLEAR_NAMES = "delete from place_names"
ANALYSE_NAMES = "analyze place_names"
ANALYSE_PLACES = "analyze places"

PLACE_COLUMNS = (
    "id",
    "name_ru",
    "name_en",
    "name_ky",
    "name_local",
    "country",
    "kind",
    "lat",
    "lon",
    "population",
    "timezone",
)
NAME_COLUMNS = ("place_id", "name_folded", "weight")

# $1 spellings of the text (as typed; the other keyboard's), $2 what each is worth, $3 limit, $4-$5 lat and lon of
# where the asker looks (null: nowhere), $6 the same spellings as LIKE prefixes.
#
# A name scores by likeness (0..1), more when it begins with the text and most when it is the text; then by how sure
# the name is, how many people live there, how much freight of the region goes to the country, and how near it lies.
SEARCH = """
with hits as (
  select n.place_id, n.name_folded, n.weight,
         spelling.worth * (similarity(n.name_folded, spelling.text)
           + case when n.name_folded = spelling.text then 0.75::float8
                  when n.name_folded like spelling.prefix then 0.45::float8
                  else 0 end) as likeness
  from unnest($1::text[], $2::float8[], $6::text[]) as spelling (text, worth, prefix)
  join place_names n on n.name_folded % spelling.text or n.name_folded like spelling.prefix
),
best as (
  select distinct on (place_id) place_id, name_folded, likeness + 0.04::float8 * weight as score
  from hits
  order by place_id, likeness + 0.04::float8 * weight desc, name_folded
)
select p.id, p.name_ru, p.name_en, p.name_ky, p.name_local, p.country, p.kind, p.lat, p.lon, p.timezone,
  best.name_folded
from best
-- Looked up one by one: the planner expects thousands of hits and would read the whole table for a dozen.
cross join lateral (select * from places where id = best.place_id offset 0) p
order by best.score
  + 0.055::float8 * ln(1 + p.population / 1000.0::float8)
  + case p.kind when 'city' then 0 else 0.22 end
  + case p.country when 'KG' then 0.24 when 'KZ' then 0.16 when 'UZ' then 0.16 when 'TJ' then 0.14
                   when 'CN' then case when p.lon < 97 then 0.14 else 0.02 end
                   when 'RU' then 0.06 when 'TM' then 0.06 else 0 end
  - case when $4::float8 is null then 0
         else least(0.4, 0.0004 * 111 * sqrt(power(p.lat - $4, 2) + power((p.lon - $5) * cos(radians($4)), 2))) end
  desc, p.id
limit $3
"""
