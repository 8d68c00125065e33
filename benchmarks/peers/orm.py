"""FastAPI and SQLModel the usual way: a table class, `select`, a response model."""

import base64
import datetime as dt
import hashlib
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel
from slowapi import Limiter
from sqlalchemy import Column, String, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.peers.shared import DATABASE_URL, ORIGIN, RATE, key_hash, write_line

engine = create_async_engine(DATABASE_URL.replace("postgresql://", "postgresql+psycopg://"), pool_size=10)
new_session = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


class Money(BaseModel):
    amount: int
    currency: str


class AccountBase(SQLModel):
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
    archived_at: dt.datetime | None
    external_id: str | None
    name: str
    legal_name: str | None
    kana: str | None
    corporate_number: str | None
    domain: str | None
    industry: str | None
    employee_count: int | None
    country: str | None
    language: str | None
    parent_id: UUID | None
    owner_id: UUID | None
    phase: str
    phase_since: dt.date
    onboarding_completed_at: dt.datetime | None
    is_first_renewal: bool
    touch_model: str | None
    touch_model_override: str | None
    seats: int | None
    first_paid_on: dt.date | None
    renewal_on: dt.date | None
    notice_deadline: dt.date | None
    health_score: float | None
    health_band: str | None
    usage_status: str | None
    icp_fit: float | None
    importance: float | None


class Account(AccountBase, table=True):
    __tablename__ = "accounts"
    __table_args__ = {"schema": "bench"}

    id: UUID = Field(primary_key=True)
    workspace_id: UUID
    sources: dict[str, Any] = Field(sa_column=Column(JSONB))
    tags: list[str] = Field(sa_column=Column(ARRAY(String)))
    custom: dict[str, Any] = Field(sa_column=Column(JSONB))
    currency: str | None
    mrr_minor: int | None
    arr_minor: int | None

    @property
    def mrr(self) -> Money | None:
        return None if self.mrr_minor is None else Money(amount=self.mrr_minor, currency=self.currency or "")

    @property
    def arr(self) -> Money | None:
        return None if self.arr_minor is None else Money(amount=self.arr_minor, currency=self.currency or "")


class AccountPublic(AccountBase):
    id: UUID
    sources: dict[str, Any]
    tags: list[str]
    custom: dict[str, Any]
    mrr: Money | None
    arr: Money | None


class AccountPage(BaseModel):
    data: list[AccountPublic]
    next_cursor: str | None


class ApiKey(SQLModel, table=True):
    __tablename__ = "api_keys"
    __table_args__ = {"schema": "bench"}

    key_hash: str = Field(primary_key=True)
    workspace_id: UUID
    revoked_at: dt.datetime | None


class ListQuery(BaseModel):
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = None
    phase: str | None = None
    industry: str | None = None
    owner_id: UUID | None = None


async def session() -> AsyncIterator[AsyncSession]:
    async with new_session() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


async def workspace(request: Request, session: Session) -> UUID:
    hashed = key_hash(request.headers.get("authorization", ""))
    key = await session.get(ApiKey, hashed) if hashed else None
    if key is None or key.revoked_at is not None:
        raise HTTPException(401)
    request.scope["workspace"] = key.workspace_id
    return key.workspace_id


Workspace = Annotated[UUID, Depends(workspace)]
app = FastAPI()
limiter = Limiter(key_func=lambda request: request.headers.get("authorization", ""), storage_uri="memory://")
app.state.limiter = limiter


@app.get("/accounts")
@limiter.limit(f"{RATE}/minute")
async def list_accounts(
    request: Request,  # noqa: ARG001 - the limiter wants it
    workspace: Workspace,
    session: Session,
    query: Annotated[ListQuery, Query()],
) -> AccountPage:
    statement = select(Account).where(Account.workspace_id == workspace, col(Account.archived_at).is_(None))
    for name in ("phase", "industry", "owner_id"):
        if (value := getattr(query, name)) is not None:
            statement = statement.where(getattr(Account, name) == value)
    if query.cursor:
        name, row_id = json.loads(base64.urlsafe_b64decode(query.cursor))
        statement = statement.where(tuple_(col(Account.name), col(Account.id)) > (name, UUID(row_id)))
    statement = statement.order_by(col(Account.name), col(Account.id)).limit(query.limit + 1)
    rows = (await session.exec(statement)).all()
    page, more = rows[: query.limit], len(rows) > query.limit
    cursor = base64.urlsafe_b64encode(json.dumps([page[-1].name, str(page[-1].id)]).encode()).decode()
    return AccountPage(data=[AccountPublic.model_validate(row) for row in page], next_cursor=cursor if more else None)


@app.get("/accounts/{account_id}", response_model=AccountPublic)
@limiter.limit(f"{RATE}/minute")
async def get_account(
    request: Request,  # noqa: ARG001 - the limiter wants it
    workspace: Workspace,
    session: Session,
    account_id: UUID,
) -> Account:
    statement = select(Account).where(Account.workspace_id == workspace, Account.id == account_id)
    account = (await session.exec(statement)).one_or_none()
    if account is None:
        raise HTTPException(404)
    return account


class Around:
    """The log line, and the ETag of the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        head: Message = {}

        async def with_etag(message: Message) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
                return
            etag = '"' + hashlib.md5(message["body"], usedforsecurity=False).hexdigest() + '"'
            head["headers"] = [*head["headers"], (b"etag", etag.encode())]
            await send(head)
            await send(message)

        await self.app(scope, receive, with_etag)
        write_line(scope["method"], scope["path"], head["status"], started, scope.get("workspace"))


app.add_middleware(Around)
app.add_middleware(CORSMiddleware, allow_origins=[ORIGIN])
