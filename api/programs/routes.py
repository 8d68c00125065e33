"""Programs over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.programs import service
from api.programs.schemas import (
    ParticipantPage,
    ParticipantQuery,
    ParticipantRead,
    ParticipantsChanged,
    ParticipantsWrite,
    ProgramCreate,
    ProgramPage,
    ProgramQuery,
    ProgramRead,
    ProgramUpdate,
)
from api.programs.service import PARTICIPANTS, PROGRAMS

router = resource_router("/programs", tag="programs")
participant_router = resource_router("/program-participants", tag="programs")

CanReadPrograms = Annotated[Tx, reads("programs:read")]
CanWritePrograms = Annotated[Tx, writes("programs:write")]


@router.get("", response_model=ProgramPage, openapi_extra=PROGRAMS.documented())
async def list_programs(tx: CanReadPrograms, query: Annotated[ProgramQuery, asked(ProgramQuery)]) -> Response:
    """List programs, the latest first; `expand=participation` counts who takes part."""
    return await answers.page(tx, PROGRAMS, ProgramRead, query)


@router.post("", response_model=ProgramRead, status_code=201)
async def create_program(tx: CanWritePrograms, body: ProgramCreate) -> Response:
    """Plan a webinar, user group, mail course, trial or co-creation."""
    program = await service.create_program(tx, body.given())
    return await answers.created(tx, PROGRAMS, ProgramRead, program.id)


@router.get("/{program_id}", response_model=ProgramRead, openapi_extra=PROGRAMS.documented())
async def get_program(tx: CanReadPrograms, program_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one program."""
    return await answers.item(tx, PROGRAMS, ProgramRead, program_id, query)


@router.patch("/{program_id}", response_model=ProgramRead)
async def update_program(tx: CanWritePrograms, program_id: UUID, version: Version, body: ProgramUpdate) -> Response:
    """Change a program; of a co-creation, note what came of it."""
    await service.update_program(tx, program_id, version, body.given())
    return await answers.changed(tx, PROGRAMS, ProgramRead, program_id)


@router.post("/{program_id}:set-participants", response_model=ParticipantsChanged)
async def set_participants(tx: CanWritePrograms, program_id: UUID, body: ParticipantsWrite) -> Response:
    """Add up to 5,000 accounts or contacts, or change how far they are; all or none."""
    items = [item.given() for item in body.items]
    created, updated, unchanged = await service.set_participants(tx, program_id, items)
    return await answers.done(tx, ParticipantsChanged(created=created, updated=updated, unchanged=unchanged))


@router.delete("/{program_id}", response_model=ProgramRead)
async def archive_program(tx: CanWritePrograms, program_id: UUID, version: Version) -> Response:
    """Archive a program: it leaves lists and can be restored."""
    await service.archive_program(tx, program_id, version)
    return await answers.changed(tx, PROGRAMS, ProgramRead, program_id)


@router.post("/{program_id}:restore", response_model=ProgramRead)
async def restore_program(tx: CanWritePrograms, program_id: UUID) -> Response:
    """Restore an archived program."""
    await service.restore_program(tx, program_id)
    return await answers.changed(tx, PROGRAMS, ProgramRead, program_id)


@participant_router.get("", response_model=ParticipantPage, openapi_extra=PARTICIPANTS.documented())
async def list_program_participants(
    tx: CanReadPrograms, query: Annotated[ParticipantQuery, asked(ParticipantQuery)]
) -> Response:
    """List who takes part in which program, the latest first."""
    return await answers.page(tx, PARTICIPANTS, ParticipantRead, query)
