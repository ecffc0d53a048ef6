"""TypeScript types of everything that crosses to the browser, written from the Structs themselves.

`python -m hub.wire` rewrites web/shared/wire.ts; a test compares the file with what would be written.
"""

import inspect
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
from msgspec import inspect as shapes

import freight.accounts.views
import freight.basemap
import freight.driver_page.views
import freight.drivers.views
import freight.events.views
import freight.notifications.views
import freight.orders.views
import freight.places.views
import freight.routes.views
import freight.shares.views
import freight.tracking.views
import freight.trips.views
import geo.fences
import push.messages

TARGET = Path(__file__).parent.parent / "web" / "shared" / "wire.ts"
MODULES: tuple[ModuleType, ...] = (
    geo.fences,
    freight.basemap,
    freight.accounts.views,
    freight.places.views,
    freight.tracking.views,
    freight.events.views,
    freight.orders.views,
    freight.routes.views,
    freight.trips.views,
    freight.drivers.views,
    freight.shares.views,
    freight.driver_page.views,
    freight.notifications.views,
    push.messages,
)
HEADER = "// Written by hub/wire.py from the Python Structs; `python -m hub.wire` writes it again. Do not edit.\n"
UNIONS = {"ClientMessage": push.messages.ClientMessage, "ServerMessage": push.messages.ServerMessage}
PRIMITIVES: dict[type[shapes.Type], str] = {
    shapes.IntType: "number",
    shapes.FloatType: "number",
    shapes.StrType: "string",
    shapes.BoolType: "boolean",
    shapes.NoneType: "null",
    # ISO 8601 in UTC.
    shapes.DateTimeType: "string",
    shapes.BytesType: "string",
    shapes.AnyType: "unknown",
}


def typescript(shape: shapes.Type) -> str:
    """The TypeScript spelling of a msgspec type. Raises TypeError for one the wire does not use."""
    if type(shape) in PRIMITIVES:
        return PRIMITIVES[type(shape)]
    match shape:
        case shapes.Metadata(type=inner):
            return typescript(inner)
        case shapes.StructType(cls=cls):
            return str(cls.__name__)
        case shapes.LiteralType(values=values):
            return " | ".join(msgspec.json.encode(value).decode() for value in values)
        case shapes.UnionType(types=types):
            return " | ".join(typescript(one) for one in types)
        case shapes.ListType(item_type=item) | shapes.VarTupleType(item_type=item):
            spelling = typescript(item)
            return f"({spelling})[]" if "|" in spelling else f"{spelling}[]"
        case shapes.TupleType(item_types=items):
            return f"[{', '.join(typescript(item) for item in items)}]"
        case shapes.DictType(key_type=key, value_type=value):
            return f"Record<{typescript(key)}, {typescript(value)}>"
    raise TypeError(f"no TypeScript for {shape!r}")


def optional(cls: type, field: shapes.Field) -> bool:
    """Whether the key may be missing: in requests where a default stands in, in answers only where defaults are
    left out."""
    request = bool(cls.__struct_config__.forbid_unknown_fields)  # type: ignore[attr-defined]
    return not field.required and (request or bool(cls.__struct_config__.omit_defaults))  # type: ignore[attr-defined]


def interface(cls: Any) -> str:
    """One `export interface` with the Struct's docstring above it."""
    struct = shapes.type_info(cls)
    assert isinstance(struct, shapes.StructType)
    words = (inspect.getdoc(cls) or "").replace("*/", "* /").splitlines()
    lines = ["/**", *(f" * {line}".rstrip() for line in words), " */", f"export interface {cls.__name__} {{"]
    if struct.tag_field is not None:
        lines.append(f"  {struct.tag_field}: {msgspec.json.encode(struct.tag).decode()};")
    for field in struct.fields:
        mark = "?" if optional(cls, field) else ""
        lines.append(f"  {field.encode_name}{mark}: {typescript(field.type)};")
    return "\n".join([*lines, "}"])


def structs(module: ModuleType) -> Iterable[type]:
    """The module's own Structs, in the order they are written down."""
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == module.__name__:
            yield value


def aliases() -> Iterable[str]:
    """The unions a browser switches over, and the close codes."""
    for name, union in UNIONS.items():
        yield f"export type {name} = {typescript(shapes.type_info(union))};"
    for name, value in vars(push.messages).items():
        if name.isupper() and isinstance(value, int):
            yield f"export const {name} = {value};"


def document() -> str:
    """The whole file."""
    interfaces = [interface(cls) for module in MODULES for cls in structs(module)]
    fence = f"export type Fence = {typescript(shapes.type_info(geo.fences.Fence))};"
    return "\n".join([HEADER, "\n\n".join([*interfaces, fence, *aliases()]), ""])


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
