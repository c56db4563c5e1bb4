"""What a server process holds for its sockets: the relay, who is let into it, and what keeps both right."""

import asyncio
from weakref import WeakKeyDictionary

from notifications.relay.admission import Admission
from notifications.relay.relay import Relay
from notifications.relay.sockets import Socket
from notifications.relay.subscriptions import Event
from notifications.relay.tasks import Tasks
from notifications.relay.upkeep import Upkeep


class Process:
    """Everything for the sockets of one event loop."""

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.relay = Relay(self.tasks, self.obey)
        self.admission = Admission(self.relay, self.tasks)
        self.upkeep = Upkeep(self.relay, self.admission, self.tasks)

    def add(self, socket: Socket) -> None:
        """Have the socket authorised, joined to its groups, brought up to date, and kept so."""
        self.upkeep.start()
        self.admission.add(socket)

    def obey(self, event: Event) -> None:
        """Do what all processes have been asked to do, or take note of what one of them reports."""
        if event["event"] == "look":
            self.upkeep.look.set()
        elif event["event"] == "headcount":
            self.relay.headcount.heed(event)
        elif event["event"] == "missing":
            self.tasks.spawn(self.admission.bring_up_again(self.relay.concerned(groups=event["groups"])))
        else:
            user_pks, group = event["user_pks"], event["of_group"]
            self.tasks.spawn(self.admission.recheck(lambda: self.relay.concerned(user_pks, [group])))


_processes: WeakKeyDictionary[asyncio.AbstractEventLoop, Process] = WeakKeyDictionary()


def current() -> Process:
    """Return what the running event loop holds: a server process has one."""
    loop = asyncio.get_running_loop()
    if loop not in _processes:
        _processes[loop] = Process()
    return _processes[loop]
