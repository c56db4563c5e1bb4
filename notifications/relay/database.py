"""Database work for sockets, on threads of its own."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from channels.db import database_sync_to_async

# By default all database work of sockets would share one thread, and a thousand pages that come back would queue there.
readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="relay")
in_database = partial(database_sync_to_async, thread_sensitive=False, executor=readers)
