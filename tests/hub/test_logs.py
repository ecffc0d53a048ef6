"""Log lines: one a line, machine-readable, without secrets."""

import subprocess
import sys
from pathlib import Path
from typing import IO

import msgspec

SCRIPT = """
import logging, sys
import structlog
from hub import logs
logs.configure("api-1", {form!r}, "info")
{body}
"""


def lines(body: str, form: str = "json") -> list[str]:
    """What a process that logs so writes to its standard output."""
    script = SCRIPT.format(form=form, body=body)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_line_is_json_with_process_level_and_time() -> None:
    (line,) = lines("structlog.get_logger().info('trip_opened', trip_id=7, название='рейс')")
    entry = msgspec.json.decode(line)
    assert (entry["event"], entry["process"], entry["level"], entry["trip_id"]) == ("trip_opened", "api-1", "info", 7)
    assert entry["timestamp"].endswith("Z")
    assert "рейс" in line


def test_no_secret_is_written() -> None:
    body = "structlog.get_logger().info('x', password='p1', share_token='t1', Authorization='a1', device_secret='s1')"
    (line,) = lines(body)
    assert not {"p1", "t1", "a1", "s1"} & set(msgspec.json.decode(line).values())
    assert line.count("***") == 4


def test_lines_of_libraries_look_the_same() -> None:
    (line,) = lines("logging.getLogger('some.library').warning('slow %s', 'query')")
    entry = msgspec.json.decode(line)
    assert (entry["event"], entry["level"], entry["process"]) == ("slow query", "warning", "api-1")


def test_what_belongs_to_a_request_is_on_each_of_its_lines() -> None:
    body = (
        "structlog.contextvars.bind_contextvars(request_id='r-9')\n"
        "structlog.get_logger().info('a')\nlogging.getLogger('b').error('c')"
    )
    assert [msgspec.json.decode(line)["request_id"] for line in lines(body)] == ["r-9", "r-9"]


def test_an_exception_is_one_line_with_its_traceback() -> None:
    body = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    structlog.get_logger().exception('broke')"
    (line,) = lines(body)
    assert "ZeroDivisionError" in msgspec.json.decode(line)["exception"]


def test_the_pretty_form_is_for_people() -> None:
    (line,) = lines("structlog.get_logger().info('trip_opened', trip_id=7)", form="pretty")
    assert "trip_opened" in line
    assert "trip_id=7" in line
    assert not line.startswith("{")


def test_a_reader_that_went_away_does_not_break_the_process() -> None:
    body = "for _ in range(20000):\n    structlog.get_logger().info('x' * 50)\nprint('ended', file=sys.stderr)"
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(form="json", body=body)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    process.wait(timeout=30)
    assert said == "ended\n"


def into(file: IO[str], body: str) -> subprocess.CompletedProcess[bytes]:
    """A process that logs to a file."""
    script = SCRIPT.format(form="json", body=body)
    return subprocess.run([sys.executable, "-c", script], stdout=file, stderr=subprocess.PIPE, timeout=30)


def test_a_full_disk_does_not_break_the_process() -> None:
    body = "for _ in range(100):\n    structlog.get_logger().info('x')\nprint('ended', file=sys.stderr)"
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(form="json", body=body)],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=30,
        )
    assert (done.returncode, done.stderr.decode()) == (0, "ended\n")


def test_lines_that_found_no_room_are_counted_and_told_once_there_is_room_again(tmp_path: Path) -> None:
    body = """
import resource
log = structlog.get_logger()
log.info("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
for number in range(3):
    log.info("lost", number=number)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.info("after")
"""
    with (tmp_path / "log").open("w") as log:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(form="json", body=body)],
            stdout=log,
            stderr=subprocess.PIPE,
            timeout=30,
        )
    assert (done.returncode, done.stderr) == (0, b"")
    said = [msgspec.json.decode(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [one["event"] for one in said if one["event"] != "lost"] == ["before", "after", "log_lines_not_written"]
    assert said[-1]["count"] == 3
