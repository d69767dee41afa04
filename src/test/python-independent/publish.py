"""Publishes updates with a Mercure client of PyPI, as an application would.

Reads one update a line, as JSON with the names of its publish(), and prints the id of each:

    HUB=http://127.0.0.1:8080/.well-known/mercure KEY=… .venv/bin/python publish.py
"""

import json
import os
import sys

from mercure_publisher import MercureConfig, MercurePublisher

publisher = MercurePublisher(
    MercureConfig(
        hub_url=os.environ["HUB"],
        publisher_jwt_key=os.environ["KEY"],
        publish_topics=["https://example.com/{+path}"],
    )
)
for line in sys.stdin:
    print(publisher.publish(**json.loads(line)), flush=True)
