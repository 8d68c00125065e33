"""The floor: a FastAPI route that does nothing."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def nothing() -> dict[str, str]:
    return {"status": "ok"}
