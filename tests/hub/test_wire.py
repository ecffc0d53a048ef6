"""The browser's types are the Structs' own."""

from hub import wire


def test_the_committed_typescript_is_what_the_structs_say() -> None:
    assert wire.TARGET.read_text(encoding="utf-8") == wire.document(), "run `python -m hub.wire`"


def test_a_defaulted_field_is_optional_only_where_it_may_be_left_out() -> None:
    written = wire.document()
    assert "accuracy_m?: number | null;" in written
    assert "note?: string;" in written.split("export interface NewTrip ")[1].split("}")[0]
    assert "note: string;" in written.split("export interface TripView ")[1].split("}")[0]
