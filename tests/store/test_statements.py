"""Every statement of the program is a named constant and fits the migrated schema."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import asyncpg

from store.pool import Pool

ROOT = Path(__file__).parents[2]
PACKAGES = ("hub", "api", "ingest", "push", "freight", "geo", "store")
SQL = re.compile(
    r"""\s*(--[^\n]*\n\s*)*(
    select\b | insert\s+into\b | update\s+[\w{}]+\s.*\bset\b | delete\s+from\b | merge\s+into\b | truncate\s
    | with\s+(recursive\s+)?\w+\s*(\([\w\s,]*\)\s*)?as\s | values\s*\( | copy\s*[\w(]+ | lock\s+table\b
    | (create|alter|drop)\s+((temporary|temp|unlogged|unique|materialized|or\s+replace)\s+)*
      (table|index|view|type|schema|role|user|database|extension|function|trigger|sequence|policy|publication)\b
    | set\s+(local|session)\b | (listen|notify|vacuum|analyze)\s+\w+\s*$ | show\s+\w+_\w+\s*$
    )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
# They name what is made and take no parameters, so the name has to be written into them.
WRITTEN_WHERE_USED = {
    "hub/external.py": ["create extension if not exists {}", "show server_version"],
    "hub/services/postgres.py": [
        'create database "{}" owner reis',
        "create extension if not exists {}",
        "create role reis login",
    ],
    "store/partitions.py": [
        "create table if not exists {} partition of positions for values from ('{}') to ('{}') "
        "with (autovacuum_vacuum_insert_scale_factor = 1)",
        "drop table if exists {}",
    ],
}
# COPY takes no parameters: whole numbers are written into such a statement, into another the table's name.
WHOLE_NUMBER = re.compile(r"\{\w+:d\}")
TABLES = {"store.jobs.FORGET_NOTES": ("pgqueuer_log", "pgqueuer_statistics")}
MAKES_A_TABLE = re.compile(r"\s*create\s+temporary\s+table\b", re.IGNORECASE)


class Literal(NamedTuple):
    """A text in the source that is SQL; `constant` is the module's name for it, None where it has none."""

    module: str
    path: str
    constant: str | None
    text: str


def sources() -> Iterator[tuple[str, Path]]:
    """Name and file of every module but the migrations, which are run as they stand."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts:
                yield ".".join(part for part in parts if part != "__init__"), path


def text_of(node: ast.AST) -> str | None:
    """A text as written, with {} for what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(text_of(part) or "{}" for part in values)
    return None


def constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Upper-case names the module itself gives, with what they are given."""
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if name.isupper():
                yield name, value


def not_statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings, and the pieces of a text that is looked at whole."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from node.values


def literals() -> list[Literal]:
    """Every text in the program's source that is SQL."""
    found = []
    for module, path in sources():
        tree = ast.parse(path.read_text())
        named = {id(part): name for name, value in constants(tree) for part in ast.walk(value)}
        passed_over = {id(node) for node in not_statements(tree)}
        for node in ast.walk(tree):
            text = text_of(node)
            if text is not None and id(node) not in passed_over and SQL.match(text):
                found.append(Literal(module, str(path.relative_to(ROOT)), named.get(id(node)), text))
    return found


def statements() -> dict[str, str]:
    """The statements by the names of their constants, as PostgreSQL gets them."""
    found = {}
    for module, _, constant, _ in literals():
        if constant is None:
            continue
        name = f"{module}.{constant}"
        value = getattr(importlib.import_module(module), constant)
        assert isinstance(value, str), f"{name}: give each statement a name of its own"
        for table in TABLES.get(name, ("",)):
            filled = value.replace("{table}", table) if table else value
            found[f"{name} {table}".strip()] = WHOLE_NUMBER.sub("1", filled)
    return found


def test_every_module_of_the_program_is_looked_at() -> None:
    walked = {
        module.name
        for package in PACKAGES
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
        if ".migrations" not in module.name
    }
    assert walked <= {name for name, _ in sources()}


def test_no_statement_is_written_where_it_is_used_but_those_that_take_no_parameters() -> None:
    found: dict[str, list[str]] = {}
    for literal in literals():
        if literal.constant is None:
            found.setdefault(literal.path, []).append(literal.text)
    assert {path: sorted(texts) for path, texts in found.items()} == WRITTEN_WHERE_USED


async def test_every_statement_fits_the_schema(database: Pool) -> None:
    found = statements()
    assert len(found) > 150
    misfits = {}
    async with database.acquire() as connection:
        # What sorts a staged list asks of tables that other statements make.
        async with connection.transaction():
            for statement in filter(MAKES_A_TABLE.match, found.values()):
                await connection.execute(statement.replace("on commit drop", ""))
        for name, statement in found.items():
            try:
                await connection.prepare(statement)
            except asyncpg.PostgresError as error:
                misfits[name] = str(error)
    assert misfits == {}
