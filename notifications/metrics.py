"""What is counted, for operators and tests; read at `/metrics`."""

from prometheus_client import Counter, Gauge

pushes = Counter("bellwire_pushes", "Pushes that left for the channel layer.", ["event"])
pushes_failed = Counter("bellwire_pushes_failed", "Pushes that Redis did not take; pages get them from the database.")
tasks_failed = Counter("bellwire_tasks_failed", "Tasks the queue did not take; the sweeper finds what they were for.")
cache_failed = Counter("bellwire_cache_failed", "Calls of the shared cache that Redis did not take.")
heals = Counter("bellwire_heals", "Gaps in a stream that the relay filled from the database.", ["cause"])
closes = Counter("bellwire_closes", "Sockets that the server closed.", ["code"])
sockets = Gauge("bellwire_sockets", "Open sockets of this process.")
