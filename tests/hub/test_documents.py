"""What the documents promise an operator exists."""

import re
from pathlib import Path

from hub.settings import variables

ROOT = Path(__file__).parent.parent.parent


def test_every_setting_is_described_and_nothing_else_is() -> None:
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("## Settings")[1]
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE))
    assert described == {variable.name for variable in variables().values()}


def test_every_file_and_picture_the_documents_link_to_exists() -> None:
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_command_of_the_readme_is_a_target_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = set(re.findall(r"`?make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert told and told <= targets
