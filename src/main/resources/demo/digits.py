"""Counts on demo:digits: 1 to 10, one number a second, then the event "bye" with the data "bye", then
a pause of five seconds, and again. digits.js does the same."""

LAST = 10
PAUSE = 5

step = 0


def publish(**message):
    vertx.event_bus.send("anabranch.publish", {"channel": "demo:digits", **message})


def count():
    global step
    step += 1
    if step <= LAST:
        publish(data=step)
    elif step == LAST + 1:
        publish(event="bye", data="bye")
    elif step == LAST + PAUSE:
        step = 0


vertx.set_periodic(1000, count)
