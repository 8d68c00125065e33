"""Files go when their time is over, or when a person in them was erased; stuck exports are given up."""

from collections.abc import Awaitable, Callable

from api.exports import jobs
from api.kit.db import Tx
from tests.exports.conftest import Exports, Json
from tests.whole_api import makers


async def keep(exports: Exports, housekeeper: Callable[[Tx], Awaitable[int]]) -> int:
    async with exports.workspace.write() as tx:
        return await housekeeper(tx)


async def made(exports: Exports, resource: str = "accounts") -> Json:
    return await exports.make(await exports.ask(resource))


async def test_expired_files_are_deleted_and_others_kept(exports: Exports) -> None:
    old, new = await made(exports), await made(exports)
    exports.owner.execute("UPDATE exports SET expires_at = now() WHERE id = %s", [old["id"]])
    assert (exports.chunks(), await keep(exports, jobs.forget_files), exports.chunks()) == (2, 1, 1)
    assert (await exports.download(new)).status_code == 200
    assert (await exports.download(old)).status_code == 410
    assert (await exports.get(old))["state"] == "done"


async def test_what_an_interrupted_run_left_of_a_cancelled_export_is_deleted(exports: Exports) -> None:
    export = await made(exports)
    exports.owner.execute("UPDATE exports SET state = 'cancelled', expires_at = NULL WHERE id = %s", [export["id"]])
    assert (await keep(exports, jobs.forget_files), exports.chunks()) == (1, 0)


async def test_files_with_an_erased_person_expire_at_once(exports: Exports) -> None:
    contact = await makers.contact(exports.workspace)
    before, accounts = await made(exports, "contacts"), await made(exports)
    assert await keep(exports, jobs.expire_files_about_erased_people) == 0
    answer = await exports.client.post(f"/v1/contacts/{contact}:erase")
    assert answer.status_code == 200, answer.text
    after = await made(exports, "contacts")
    assert await keep(exports, jobs.expire_files_about_erased_people) == 1
    assert await keep(exports, jobs.expire_files_about_erased_people) == 0
    assert [(await exports.download(each)).status_code for each in (before, accounts, after)] == [410, 200, 200]
    assert exports.events(before)[-1] == "export.expired"


async def test_an_export_whose_job_is_gone_is_given_up(exports: Exports) -> None:
    stuck, running = await exports.ask(), await exports.ask()
    exports.owner.execute("UPDATE exports SET updated_at = now() - interval '121 minutes' WHERE id = %s", [stuck["id"]])
    assert await keep(exports, jobs.give_up_exports) == 1
    failed = await exports.get(stuck)
    assert (failed["state"], failed["problem"]["code"]) == ("failed", "unavailable")
    assert exports.events(stuck) == ["export.created", "export.failed"]
    assert (await exports.get(running))["state"] == "running"
