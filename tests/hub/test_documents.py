"""What the documents promise an operator exists."""

import dataclasses
import re
from pathlib import Path

from hub.settings import Settings, variables

ROOT = Path(__file__).parent.parent.parent


def test_every_setting_is_described_with_its_default_and_nothing_else_is() -> None:
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("## Settings")[1]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*)`)? \| (.*) \|$", table, re.MULTILINE)
    defaults = {field.name: field.default for field in dataclasses.fields(Settings)}
    assert rows == [
        (
            variable.name,
            "" if defaults[field] is None else str(defaults[field]),
            variable.meaning + (" (secret)" if variable.secret else ""),
        )
        for field, variable in variables().items()
    ]


def test_every_figure_the_documents_name_is_counted() -> None:
    sources = "".join(
        path.read_text() for room in ("api", "push", "ingest", "hub") for path in (ROOT / room).glob("*.py")
    )
    told = re.findall(r"`((?:ingest|push|worker|phone|event)_[a-z_]+)`", (ROOT / "docs" / "operations.md").read_text())
    assert told
    for figure in told:
        assert f'"{figure}"' in sources or f'"{figure.removesuffix("_total")}"' in sources, figure


def test_every_file_and_picture_the_documents_link_to_exists() -> None:
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_command_of_the_readme_is_a_target_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = set(re.findall(r"`?make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert told and told <= targets
