"""A mail server with moods: `python -m faults.sink PORT MOOD NOTES`.

The file MOOD says how it answers from now on:

    accept   it takes every letter
    refuse   it answers 451, 554 and 421 in turn: try later, looks like spam, too busy
    hang     it takes the text and never answers
    drop     it ends the connection in the middle of the text
    mute     it takes the letter and ends the connection without a word

NOTES has a line for each letter that it took, with its Message-ID and the mood.
"""

import asyncio
import itertools
import re
import sys
from pathlib import Path

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
ANSWERS = {b"EHLO": b"250-sink\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
OK = b"250 ok\r\n"
REFUSALS = itertools.cycle([b"451 4.3.0 try later\r\n", b"554 5.7.1 looks like spam\r\n", b"421 4.3.2 too busy\r\n"])


class Sink:
    def __init__(self, mood: Path, notes: Path) -> None:
        self.mood = mood
        self.notes = notes.open("a", buffering=1)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        try:
            while line := await reader.readline():
                command = line[:4].upper()
                writer.write(ANSWERS.get(command, OK))
                if command == b"QUIT" or (command == b"DATA" and not await self.take(reader, writer)):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # The client is dead, or had enough of us.
        finally:
            writer.close()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        mood = self.mood.read_text()
        if mood == "drop":
            await reader.readline()
            return False
        letter = await reader.readuntil(b"\r\n.\r\n")
        if mood == "hang":
            await reader.read()
            return False
        if mood == "refuse":
            writer.write(next(REFUSALS))
            return True
        found = MESSAGE_ID.search(letter)
        self.notes.write(f"{found[1].decode() if found else '-'} {mood}\n")
        if mood == "mute":
            return False
        writer.write(OK)
        return True


async def main(port: int, mood: Path, notes: Path) -> None:
    server = await asyncio.start_server(Sink(mood, notes).serve, "127.0.0.1", port, limit=2**22)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
