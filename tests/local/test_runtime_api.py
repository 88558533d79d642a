"""The Runtime API's conversations end when their environment does."""

import asyncio
import gc

from local.runtime.api import RuntimeApi

NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n"


def test_a_conversation_with_a_process_that_is_gone_is_not_left_behind():
    said: list[str] = []

    async def claim() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context["message"]))
        api = RuntimeApi()
        host, port = (await api.start()).split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(NEXT)
        await api.ready.wait()
        writer.close()
        api.stop()
        await asyncio.sleep(0)
        assert [each for each in asyncio.all_tasks() if "_converse" in repr(each) and not each.cancelling()] == []
        del api
        gc.collect()

    asyncio.run(claim())
    assert said == []
