"""Tracks for the load: each phone loads in a fence, drives off, and unloads in another, one fix a second.

Half of the fences are circles, half are polygons. All numbers follow from the phone's index, so that a run can be
repeated and a checker knows what must have been stored.
"""

import math

import numpy as np
from numpy.typing import NDArray

LOADING_S = 240
SPEED_MPS = 20.0
LEG_M = 45_000.0
METRES_PER_DEGREE = 111_195.0
NOISE_M = 6.0
# A load's phones are each somewhere else on their way: hundreds of trucks do not arrive in one and the same second.
APART_S = 37


def origin(phone: int) -> tuple[float, float]:
    """Where phone `phone` loads: (lat, lon) on a grid over the region."""
    return 40.0 + (phone % 50) * 0.1, 66.0 + (phone // 50 % 200) * 0.1


def heading_rad(phone: int) -> float:
    """Which way it drives."""
    return (phone * 0.7) % (2 * math.pi)


def along(phone: int, metres: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(lat, lon) at distances from the loading place."""
    lat, lon = origin(phone)
    angle = heading_rad(phone)
    north, east = metres * math.cos(angle), metres * math.sin(angle)
    return lat + north / METRES_PER_DEGREE, lon + east / (METRES_PER_DEGREE * math.cos(math.radians(lat)))


def unloading(phone: int) -> tuple[float, float]:
    """Where phone `phone` unloads."""
    lat, lon = along(phone, np.array([LEG_M]))
    return float(lat[0]), float(lon[0])


def track(phone: int, first: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(lat, lon) of fixes `first` … `first + count`: there and back again between the two fences, with GPS noise."""
    step = np.arange(first, first + count, dtype=np.float64)
    drive_s = LEG_M / SPEED_MPS
    period_s = 2 * (LOADING_S + drive_s)
    phase = step % period_s
    there = np.clip((phase - LOADING_S) * SPEED_MPS, 0, LEG_M)
    back = np.clip((phase - 2 * LOADING_S - drive_s) * SPEED_MPS, 0, LEG_M)
    lat, lon = along(phone, there - back)
    wobble = step * 12.9898 + phone * 78.233
    noise = NOISE_M / METRES_PER_DEGREE
    return lat + noise * np.sin(wobble), lon + noise * np.cos(wobble * 1.7)
