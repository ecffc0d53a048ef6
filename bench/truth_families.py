"""The families of made drives: each is one thing that goes wrong, or right, on the way."""

from __future__ import annotations

import math

import numpy as np

from bench.made_tracks import Drive, Family, Halt, Slow

MINUTE = 60.0
NAN = math.nan


def _plain(random: np.random.Generator, *, loads_s: tuple[float, float] = (600, 5400)) -> Drive:
    """Load, drive ten to twenty kilometres, unload: fences of 100 to 500 m whose yards lie up to 0.5 R off centre."""
    end = random.uniform(10_000, 20_000)
    radii = [float(random.choice([100, 150, 200, 300, 300, 300, 500])) for _ in range(2)]
    places = [
        (place + random.uniform(-0.5, 0.5) * radius_m, random.uniform(-0.4, 0.4) * radius_m)
        for place, radius_m in zip((0, end), radii, strict=True)
    ]
    halts = [Halt(0, random.uniform(*loads_s), 0), Halt(end, random.uniform(*loads_s), 1)]
    slows = [Slow(at - 700, at + 700, random.uniform(5, 11)) for at in (0, end)]
    return Drive(
        places,
        "LU",
        halts,
        radii,
        polygonal=bool(random.random() < 0.4),
        slows=slows,
        cruise_mps=random.uniform(14, 24),
        every_s=float(random.choice([5, 10, 30, 60])),
        noise_m=random.uniform(3, 10),
    )


def plain(random: np.random.Generator) -> Drive:
    """Nothing wrong."""
    return _plain(random)


def every_30_s(random: np.random.Generator) -> Drive:
    """Nothing wrong, a fix every half minute."""
    drive = _plain(random)
    drive.every_s = 30.0
    return drive


def short_loads(random: np.random.Generator) -> Drive:
    """Standing for 90 seconds to four minutes."""
    drive = _plain(random, loads_s=(90, 240))
    drive.every_s = float(random.choice([10, 30]))
    return drive


def short_loads_sparse(random: np.random.Generator) -> Drive:
    """The same, a fix a minute."""
    drive = _plain(random, loads_s=(90, 240))
    drive.every_s = 60.0
    return drive


def city_noise(random: np.random.Generator) -> Drive:
    """Between houses: wider errors, and one fix in twenty 50 to 450 m off, half of them admitting it."""
    drive = _plain(random)
    drive.noise_m, drive.wild_share, drive.lying = random.uniform(8, 15), 0.05, bool(random.random() < 0.5)
    return drive


def claims_120_m(random: np.random.Generator) -> Drive:
    """A phone that admits to 120 m whatever it measures."""
    drive = _plain(random)
    drive.claimed_m, drive.noise_m = 120.0, 15.0
    return drive


def significant(random: np.random.Generator) -> Drive:
    """A fix after 5 to 15 minutes, and none while standing for less than an hour."""
    drive = _plain(random, loads_s=(1800, 7200))
    end = random.uniform(40_000, 90_000)
    drive.halts[1].at_m, drive.places[1] = end, (end, 0.0)
    drive.slows = [Slow(at - 700, at + 700, 8.0) for at in (0, end)]
    drive.radii_m = [300.0, 300.0]
    drive.significant, drive.every_s, drive.speeds = True, 600.0, bool(random.random() < 0.5)
    drive.from_m = -30_000.0
    return drive


def gaps(random: np.random.Generator) -> Drive:
    """Ten to forty minutes lost somewhere."""
    drive = _plain(random, loads_s=(1800, 5400))
    for _ in range(2):
        begin = random.uniform(0, 7000)
        drive.gaps.append((begin, begin + random.uniform(600, 2400)))
    return drive


def delays(random: np.random.Generator) -> Drive:
    """Stretches that come late, all at once."""
    drive = _plain(random)
    for _ in range(2):
        begin = random.uniform(0, 7000)
        drive.held_back.append((begin, begin + random.uniform(300, 3600)))
    return drive


def _past(random: np.random.Generator, radius_m: float) -> Drive:
    """A truck that only drives through a fence; the loading place it never reaches."""
    aside = random.uniform(0, 0.95) * radius_m
    return Drive(
        [(0.0, aside), (60_000.0, 0.0)],
        "LU",
        [],
        [radius_m, 300.0],
        polygonal=bool(random.random() < 0.3),
        cruise_mps=random.uniform(5, 90) / 3.6,
        every_s=float(random.choice([5, 10, 30, 60])),
        noise_m=random.uniform(3, 12),
        from_m=-radius_m - 3000,
    )


def _shortened(drive: Drive) -> Drive:
    """The way ends soon behind the fence."""
    drive.halts.append(Halt(drive.radii_m[0] + 4000, 30.0))
    return drive


def past(random: np.random.Generator) -> Drive:
    """Through the fence at 5 to 90 km/h."""
    return _shortened(_past(random, float(random.choice([100, 200, 300, 300, 500]))))


def past_wide(random: np.random.Generator) -> Drive:
    """Through fences of one to five kilometres at 25 to 90 km/h."""
    drive = _past(random, float(random.choice([1000, 2000, 5000])))
    drive.cruise_mps = random.uniform(25, 90) / 3.6
    return _shortened(drive)


def red_lights(random: np.random.Generator) -> Drive:
    """Past with one to three lights of 20 to 75 seconds in or beside the fence."""
    drive = _past(random, float(random.choice([200, 300, 500])))
    drive.cruise_mps = random.uniform(30, 60) / 3.6
    for at in np.cumsum(random.uniform(150, 400, int(random.integers(1, 4)))) - 350:
        drive.halts.append(Halt(float(at), random.uniform(20, 75)))
    return _shortened(drive)


def jams(random: np.random.Generator) -> Drive:
    """Past in a jam of 6 to 15 km/h with short halts."""
    drive = _past(random, float(random.choice([200, 300, 500])))
    drive.cruise_mps = random.uniform(30, 60) / 3.6
    drive.slows.append(Slow(-900, 900, random.uniform(6, 15) / 3.6))
    for at in np.arange(-800, 800, random.uniform(120, 250)):
        drive.halts.append(Halt(float(at), random.uniform(5, 40)))
    return _shortened(drive)


def past_with_gap(random: np.random.Generator) -> Drive:
    """A highway beside the fence, the phone lost for 20 to 45 minutes around it."""
    lost_s, speed = random.uniform(1200, 2700), random.uniform(50, 90) / 3.6
    drive = _past(random, float(random.choice([200, 300, 500])))
    drive.cruise_mps, drive.from_m = speed, -speed * lost_s - 3000
    middle_s = (speed * lost_s + 3000) / speed
    before_s = random.uniform(0.05, 0.95) * lost_s
    drive.gaps.append((middle_s - before_s, middle_s - before_s + lost_s))
    drive.halts.append(Halt(speed * lost_s + 3000, 30.0))
    return drive


def neighbours(random: np.random.Generator) -> Drive:
    """Two loading places up to 390 m apart, then the unloading."""
    apart = random.uniform(0, 390)
    drive = _plain(random)
    end = random.uniform(10_000, 20_000)
    drive.places, drive.kinds, drive.radii_m = [(0.0, 0.0), (apart, 0.0), (end, 0.0)], "LLU", [300.0] * 3
    halts = [Halt(0, 1800, 0), Halt(max(10, apart), 1800, 1), Halt(end, 1800, 2)]
    drive.halts, drive.slows = halts, [Slow(-500, 900, 6.0), Slow(end - 700, end + 700, 8.0)]
    return drive


def queue(random: np.random.Generator) -> Drive:
    """Standing 20 minutes to two hours 25 to 120 m before the fence, then inside."""
    drive = _plain(random)
    drive.noise_m, drive.wild_share = random.uniform(6, 15), 0.02
    where = -drive.radii_m[0] - random.uniform(25, 120)
    drive.places[0] = (0.0, 0.0)
    drive.polygonal = False
    drive.halts.append(Halt(where, random.uniform(1200, 7200)))
    return drive


def returning(random: np.random.Generator) -> Drive:
    """Out by one to three kilometres and back within 40 minutes: a weighbridge, forgotten papers."""
    drive = _plain(random)
    away = random.uniform(1000, 3000)
    drive.places[0] = (0.0, 0.0)
    first, again = random.uniform(600, 2400), random.uniform(600, 2400)
    end = 4 * away + drive.halts[1].at_m
    north_end = end - 2 * away
    drive.turns = [away, 2 * away + 1]
    drive.halts = [
        Halt(0, first, 0),
        Halt(away - 10, random.uniform(60, 900)),
        Halt(2 * away, again, 0),
        Halt(end, 1800, 1),
    ]
    drive.slows = [Slow(-700, 700, 8.0), Slow(2 * away - 700, 2 * away + 700, 8.0), Slow(end - 700, end + 700, 8.0)]
    drive.places[1] = (north_end - 2.0, 0.0)
    return drive


def skipped(random: np.random.Generator) -> Drive:
    """Three stops, the middle one left out; or the phone switched on after loading."""
    drive = _plain(random)
    end = random.uniform(22_000, 30_000)
    drive.places, drive.kinds, drive.radii_m = [(0.0, 0.0), (12_000.0, 2000.0), (end, 0.0)], "LUU", [300.0] * 3
    drive.halts = [Halt(0, 1800, 0), Halt(end, 2400, 2)]
    drive.slows = [Slow(at - 700, at + 700, 8.0) for at in (0, end)]
    if random.random() < 0.5:
        drive.from_m = 3000.0
        drive.halts = drive.halts[1:]
    return drive


def swapped(random: np.random.Generator) -> Drive:
    """Two unloading places taken in the other order."""
    drive = _plain(random)
    end = random.uniform(22_000, 30_000)
    drive.places, drive.kinds, drive.radii_m = [(0.0, 0.0), (end, 0.0), (12_000.0, 0.0)], "LUU", [300.0] * 3
    drive.halts = [Halt(0, 1800, 0), Halt(12_000, 2000, 2), Halt(end, 2400, 1)]
    drive.slows = [Slow(at - 700, at + 700, 8.0) for at in (0, 12_000, end)]
    return drive


def jam_before(random: np.random.Generator) -> Drive:
    """A jam at the unloading place an hour before the truck really unloads there."""
    drive = _plain(random)
    end = drive.halts[1].at_m
    drive.places[1] = (end, 0.0)
    out = end + 8_000
    drive.turns = [out]
    back = out + 8_000
    drive.slows += [Slow(end - 400, end + 400, random.uniform(5, 10) / 3.6), Slow(back - 700, back + 700, 8.0)]
    drive.halts = [drive.halts[0], Halt(out - 20, random.uniform(2400, 4000)), Halt(back, 2400, 1)]
    return drive


def wide(random: np.random.Generator) -> Drive:
    """Fences of one to three kilometres."""
    drive = _plain(random)
    drive.radii_m = [float(random.choice([1000, 2000, 3000])), float(random.choice([1000, 2000]))]
    drive.places = [(random.uniform(-400, 400), 0.0), (drive.halts[1].at_m, random.uniform(-400, 400))]
    return drive


FAMILIES: dict[str, tuple[Family, int]] = {
    "plain": (plain, 30),
    "every 30 s": (every_30_s, 40),
    "short loads": (short_loads, 30),
    "short loads, 60 s": (short_loads_sparse, 30),
    "city noise": (city_noise, 40),
    "claims 120 m": (claims_120_m, 20),
    "significant": (significant, 40),
    "gaps": (gaps, 40),
    "delays": (delays, 30),
    "neighbours": (neighbours, 20),
    "queue": (queue, 20),
    "returning": (returning, 20),
    "skipped": (skipped, 20),
    "swapped": (swapped, 15),
    "jam before": (jam_before, 15),
    "wide": (wide, 20),
    "past": (past, 60),
    "past, wide": (past_wide, 30),
    "red lights": (red_lights, 60),
    "jams": (jams, 40),
    "past with gap": (past_with_gap, 40),
}
