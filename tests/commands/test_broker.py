"""The broker of a machine without Redis never shows half a message."""

import os
from queue import Empty

import pytest
from kombu import Connection

from msplatform import broker, celery


def test_a_message_is_read_whole_or_not_at_all(tmp_path, monkeypatch):
    assert celery.app.main == "msplatform", "The app has put this broker in the place of kombu's."
    (tmp_path / "messages").mkdir()
    folders = dict.fromkeys(("data_folder_in", "data_folder_out"), str(tmp_path / "messages"))
    options = folders | {"control_folder": str(tmp_path / "control")}
    with Connection("filesystem://localhost", transport_options=options) as connection:
        channel = connection.channel()
        move, moved = os.replace, []

        def move_after_a_look(source, target):
            with pytest.raises(Empty):
                channel._get("clock")
            moved.append(target)
            move(source, target)

        monkeypatch.setattr(broker.os, "replace", move_after_a_look)
        for number in range(3):
            channel._put("clock", {"number": number})
            assert channel._get("clock") == {"number": number}
        assert len(moved) == 3
        monkeypatch.undo()
        channel._put("clock", {"number": 4})
        channel._put("mailings", {"number": 5})
        channel._put("clock", {"number": 6})
        assert [channel._get(name)["number"] for name in ("clock", "clock", "mailings")] == [4, 6, 5]
