"""Which objects the migrations own."""

from typing import Any

from geoalchemy2 import alembic_helpers


def include_object(object_: Any, name: str, type_: str, reflected: bool, compare_to: Any) -> bool:
    """Leave out what others made: day partitions, the job queue's tables, PostGIS's."""
    if type_ == "table" and (name.startswith(("positions_", "pgqueuer")) or name == "spatial_ref_sys"):
        return False
    return bool(alembic_helpers.include_object(object_, name, type_, reflected, compare_to))
