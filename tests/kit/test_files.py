"""Files in chunks."""

import hashlib

from api.kit.files import CHUNK_BYTES, FileWriter, delete_file, read_file
from api.kit.tables import new_id
from tests.support.workspaces import WorkspaceForTest


async def test_a_file_comes_back_as_it_was_written(workspace: WorkspaceForTest) -> None:
    content = bytes(range(256)) * (CHUNK_BYTES // 128) + "末尾".encode()
    file_id = new_id()
    writer = FileWriter(workspace.database, workspace.id, file_id)
    for start in range(0, len(content), 100_000):
        await writer.write(content[start : start + 100_000])
    await writer.close()
    found = [chunk async for chunk in read_file(workspace.database, workspace.id, file_id)]
    assert b"".join(found) == content
    assert len(found) > 1
    assert (writer.size, writer.digest) == (len(content), hashlib.sha256(content).hexdigest())


async def test_a_file_is_the_workspaces_own(workspace: WorkspaceForTest, other_workspace: WorkspaceForTest) -> None:
    file_id = new_id()
    writer = FileWriter(workspace.database, workspace.id, file_id)
    await writer.write("秘密".encode())
    await writer.close()
    assert [chunk async for chunk in read_file(workspace.database, other_workspace.id, file_id)] == []
    async with other_workspace.write() as tx:
        assert await delete_file(tx, file_id) == 0
    async with workspace.write() as tx:
        assert await delete_file(tx, file_id) == 1
    assert [chunk async for chunk in read_file(workspace.database, workspace.id, file_id)] == []
