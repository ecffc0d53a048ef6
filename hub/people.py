"""The first people of a hub, made from the command line."""

from __future__ import annotations

import asyncpg

from freight.accounts.actions import create_organisation, create_user
from freight.errors import FreightError
from hub.errors import HubError
from hub.settings import Settings


async def create_dispatcher(settings: Settings, company: str, name: str, email: str, password: str) -> None:
    """A company and its dispatcher, both or neither.

    Raises HubError with the refusal in words, or when the database does not answer.
    """
    try:
        connection = await asyncpg.connect(settings.database().url, timeout=10)
    except (OSError, asyncpg.PostgresError) as error:
        raise HubError(f"the database does not answer ({error}). Is the hub running?") from error
    try:
        async with connection.transaction():
            organisation_id = await create_organisation(connection, company)
            await create_user(
                connection,
                organisation_id=organisation_id,
                role="dispatcher",
                name=name,
                email=email,
                password=password,
            )
    except FreightError as refusal:
        raise HubError(f"{refusal.field or 'refused'}: {refusal.detail}") from refusal
    finally:
        await connection.close()
