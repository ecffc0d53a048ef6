"""The browser programs: which address shows which, how long each file is kept, and nothing from outside."""

import gzip
from pathlib import Path

from api.security import page_headers
from freight.basemap import MapSettings
from freight.config import FreightConfig
from tests.api.browser import Browser

PROGRAMS = [
    ("/", "cabinet", "no-cache"),
    ("/trips/12", "cabinet", "no-cache"),
    ("/s", "share", "no-store"),
    ("/s/", "share", "no-store"),
    ("/d", "driver", "no-cache"),
    ("/d/settings", "driver", "no-cache"),
]


async def test_every_address_without_a_file_is_one_of_the_programs(visitor: Browser) -> None:
    for path, title, kept in PROGRAMS:
        answer = await visitor.client.get(path)
        assert (answer.status_code, answer.text) == (200, f"<title>{title}</title>"), path
        assert answer.headers["cache-control"] == kept
        assert answer.headers["content-type"].startswith("text/html")


async def test_the_pages_of_strangers_are_hidden_from_search_engines(visitor: Browser) -> None:
    assert "noindex" in (await visitor.client.get("/s")).headers["x-robots-tag"]
    assert "noindex" in (await visitor.client.get("/d")).headers["x-robots-tag"]


async def test_hashed_files_are_kept_for_ever_and_a_service_worker_never(visitor: Browser) -> None:
    hashed = await visitor.client.get("/assets/cabinet-1a2b.js")
    assert "immutable" in hashed.headers["cache-control"]
    assert hashed.headers["content-type"].startswith("text/javascript")
    worker = await visitor.client.get("/d/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert (await visitor.client.get("/basemap/region.pmtiles")).headers["cache-control"] == "public, max-age=3600"


async def test_a_zipped_copy_is_sent_to_who_takes_it(visitor: Browser, web_directory: Path) -> None:
    copy = gzip.compress(b"export const zipped = 1;")
    (web_directory / "assets" / "cabinet-1a2b.js.gz").write_bytes(copy)
    zipped = await visitor.client.get("/assets/cabinet-1a2b.js")
    assert (zipped.headers["content-encoding"], zipped.text) == ("gzip", "export const zipped = 1;")
    assert zipped.headers["vary"] == "Accept-Encoding"
    plain = await visitor.client.get("/assets/cabinet-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert (plain.headers.get("content-encoding"), plain.text) == (None, "export const cabinet = 1;")
    assert (await visitor.client.get("/assets/cabinet-1a2b.js.gz")).status_code == 404


async def test_a_part_of_a_map_file_can_be_asked_for(visitor: Browser) -> None:
    answer = await visitor.client.get("/basemap/region.pmtiles", headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.text) == (206, "234")
    assert answer.headers["content-range"] == "bytes 2-4/10"


OUTSIDE = [
    "/missing.js",
    "/assets",
    "/../outside.txt",
    "/..%2foutside.txt",
    "/assets/..%2f..%2foutside.txt",
    "/%2e%2e/outside.txt",
    "//etc/passwd.txt",
    "/a%00.js",
    "/" + "x" * 3000 + ".js",
]


async def test_nothing_outside_the_build_is_served(visitor: Browser) -> None:
    for path in OUTSIDE:
        answer = await visitor.client.get(path)
        assert "never served" not in answer.text
        assert answer.status_code == (404 if "." in path else 200), path


async def test_the_policy_of_a_page_allows_what_an_operator_chose(config: FreightConfig) -> None:
    chosen = page_headers(config, MapSettings(style_url="https://tiles.example/style.json"), styled=True)
    policy = dict(part.split(" ", 1) for part in chosen["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert "https://tiles.example" in policy["img-src"] and "https:" in policy["connect-src"]
    strict = page_headers(config, MapSettings())
    assert (
        "unsafe-inline" not in strict["Content-Security-Policy"] and "https:" not in strict["Content-Security-Policy"]
    )
    assert "Strict-Transport-Security" not in strict


async def test_a_secure_address_is_told_to_stay_secure() -> None:
    config = FreightConfig(brand="Рейс", public_url="https://reis.example", device_secret=b"x" * 32)
    headers = page_headers(config, MapSettings())
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "wss://reis.example" in headers["Content-Security-Policy"]
