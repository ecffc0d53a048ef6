"""`hub user …`: who may sign in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from hub.settings import load

if TYPE_CHECKING:
    from freight.accounts.admission import Person

users = typer.Typer(no_args_is_help=True, help="People who may sign in.")

Email = Annotated[str, typer.Option(prompt="E-mail address", help="What the person signs in with.")]
Name = Annotated[str, typer.Option(prompt="Name", help="The person's name.")]
Who = Annotated[str, typer.Argument(help="E-mail address, phone number, or the number `hub user list` shows.")]
AskPassword = Annotated[bool, typer.Option("--ask-password", help="Ask for the password instead of making one.")]


@users.command("list")
def list_command() -> None:
    """Show everyone with an account: company by company, drivers included."""
    from hub.people import everyone

    people = asyncio.run(everyone(load()))
    if not people:
        say("Nobody yet. Make the first dispatcher: hub user create")
        return
    rows = [("", "no.", "role", "name", "signs in with", "company", "last seen")] + [_row(person) for person in people]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _row(person: Person) -> tuple[str, ...]:
    seen = f"{person.seen_at:%Y-%m-%d %H:%M} UTC" if person.seen_at else "no session"
    state = "disabled" if person.disabled else ""
    return (state, str(person.id), person.role, person.name, person.login or "-", person.company or "-", seen)


@users.command("create")
def create_command(
    email: Email,
    name: Name,
    company: Annotated[str, typer.Option(prompt="Company", help="The dispatcher's company, made anew.")],
    ask_password: AskPassword = False,
) -> None:
    """Make a company and its first dispatcher; the password is printed once."""
    from hub.people import create_dispatcher

    password = new_password(ask_password)
    asyncio.run(create_dispatcher(load(), company, name, email, password))
    say(f"{email} may sign in now.")
    show_password(password, ask_password)


@users.command("add")
def add_command(
    email: Email,
    name: Name,
    company: Annotated[str, typer.Option(prompt="Company", help="A company there is already: its name or number.")],
    ask_password: AskPassword = False,
) -> None:
    """Make one more dispatcher of a company there is; the password is printed once."""
    from hub.people import add_dispatcher

    password = new_password(ask_password)
    asyncio.run(add_dispatcher(load(), company, name, email, password))
    say(f"{email} may sign in now.")
    show_password(password, ask_password)


@users.command("password")
def password_command(who: Who, ask_password: AskPassword = False) -> None:
    """Give a person another password, printed once; he is signed out everywhere."""
    from hub.people import give_password

    password = new_password(ask_password)
    person = asyncio.run(give_password(load(), who, password))
    say(f"{person.name} has another password and is signed out everywhere ({_sessions(person)} ended).")
    if person.disabled:
        say("He is disabled all the same: hub user enable")
    show_password(password, ask_password)


@users.command("disable")
def disable_command(who: Who) -> None:
    """Lock a person out at once: pages close, a driver's phones are cut off. Nothing of his is deleted."""
    from hub.people import disable

    person, phones = asyncio.run(disable(load(), who))
    say(f"{person.name} may not sign in any more ({_sessions(person)} ended).")
    if phones:
        say(f"{_count(phones, 'phone')} of his being cut off.")


@users.command("enable")
def enable_command(who: Who) -> None:
    """Let a person in again; a driver's phones send again by themselves."""
    from hub.people import enable

    person, phones = asyncio.run(enable(load(), who))
    say(f"{person.name} may sign in{' again' if person.disabled else ''}.")
    if phones:
        say(f"{_count(phones, 'phone')} of his may send.")


def new_password(ask: bool) -> str:
    """One made at random, or the one asked for at the terminal."""
    import secrets

    if ask:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return secrets.token_urlsafe(12)


def show_password(password: str, asked: bool) -> None:
    """The only time a made password is shown."""
    if not asked:
        say(f"Password: {password}")


def _sessions(person: Person) -> str:
    return _count(person.session_count, "session")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def say(text: str) -> None:
    """One line, as it is."""
    Console(soft_wrap=True).print(text, highlight=False, markup=False)
