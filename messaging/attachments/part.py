"""The files of a message: shown below its text, said in words where there is no room, gone when it is deleted."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from messaging.attachments import kinds
from messaging.attachments.models import Attachment
from messaging.messages.data import FileData, address
from messaging.messages.parts import Part
from notifications.push import enqueue_on_commit

NAME = "files"
WORDS = {kinds.PICTURE: "Picture", kinds.FILM: "Film", kinds.SOUND: "Sound", kinds.FILE: "File"}


class FilesPart(Part):
    """`parts["files"]`: of each file what `Attachment.fields` says."""

    template = "messaging/attachments/_files.html"
    is_enough = True

    def line(self, value: Any) -> str:
        """Return what they are called."""
        return ", ".join(f"{WORDS[file['kind']]}: {file['alt'] or file['name']}" for file in value)

    def searched(self, value: Any) -> str:
        """Return their names, and what is to be seen in them."""
        return "\n".join(f"{file['name']}\n{file['alt']}" for file in value)

    def data(self, value: Any) -> Mapping[str, Any]:
        return {"files": [_data(file) for file in value]}

    def forget(self, message_pk: int, value: Any, left: Mapping[str, Any]) -> Any:
        """Take them from everybody's eyes at once, and have them deleted wherever they lie."""
        Attachment.objects.filter(message=message_pk).give_up()
        enqueue_on_commit("messaging.tasks.delete_left_files")


def _data(file: dict[str, Any]) -> FileData:
    key = file["key"]
    return FileData(
        key=key,
        name=file["name"],
        # Messages from before it was kept do not say it.
        type=file.get("type", kinds.UNKNOWN),
        kind=file["kind"],
        size=file["size"],
        alt=file["alt"],
        url=address(reverse("api:file", args=[key])),
        page=address(reverse("file", args=[key])),
    )
