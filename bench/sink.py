"""A mail server that takes every letter and keeps none: `python -m bench.sink PORT NOTES`.

It does as little as SMTP allows, so that it is not what is measured. For each letter it notes its Message-ID and the
moment just before its 250 leaves, on the clock that all processes of this machine share.
"""

import asyncio
import re
import sys
import time
from contextlib import suppress
from pathlib import Path

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}
OK = b"250 ok\r\n"


class Sink:
    def __init__(self, notes: Path) -> None:
        self.notes = notes

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken: list[str] = []
        writer.write(b"220 sink\r\n")
        # Whoever has an envelope open and nothing more to send breaks off.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                command = line[:4].upper()
                writer.write(ANSWERS.get(command, OK))
                if command == b"QUIT":
                    break
                if command == b"DATA":
                    letter = await reader.readuntil(b"\r\n.\r\n")
                    found = MESSAGE_ID.search(letter)
                    taken.append(f"{found[1].decode() if found else '-'} {time.monotonic_ns()}\n")
                    writer.write(OK)
        with self.notes.open("a") as notes:
            notes.writelines(taken)
        writer.close()


async def main(port: int, notes: Path) -> None:
    server = await asyncio.start_server(Sink(notes).serve, "127.0.0.1", port, limit=2**22)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
