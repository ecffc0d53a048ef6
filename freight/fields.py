"""Shapes of single values in requests: checked while decoding, shown in the API's schema."""

import datetime as dt
from typing import Annotated

from msgspec import Meta

Id = Annotated[int, Meta(ge=1, le=2_147_483_647)]
BigId = Annotated[int, Meta(ge=1, le=9_223_372_036_854_775_807)]
Moment = Annotated[dt.datetime, Meta(tz=True)]
Latitude = Annotated[float, Meta(ge=-85, le=85)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Kilograms = Annotated[int, Meta(ge=1, le=1_000_000)]
CubicMetres = Annotated[float, Meta(gt=0, le=10_000)]
Title = Annotated[str, Meta(min_length=1, max_length=200)]
ShortText = Annotated[str, Meta(max_length=200)]
LongText = Annotated[str, Meta(max_length=2000)]
Secret = Annotated[str, Meta(max_length=1000)]
