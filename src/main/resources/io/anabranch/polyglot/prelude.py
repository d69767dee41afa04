# The event bus, timers and the configuration, as Python has them. `host` takes and gives JSON.


def _install(host):
    import inspect
    import json

    class BusError(Exception):
        """What a request was answered with that has failed; `code` is its status."""

        def __init__(self, reason, code):
            super().__init__(reason)
            self.code = code

    class Answer:
        """What a request will be answered with: to be awaited, or asked to call back."""

        def __init__(self):
            self._handlers = []
            self._done = False
            self._value = None
            self._error = None

        def _settle(self, value, error):
            self._done, self._value, self._error = True, value, error
            for handler in self._handlers:
                handler()

        def _then(self, handler):
            if self._done:
                handler()
            else:
                self._handlers.append(handler)

        def __await__(self):
            if not self._done:
                yield self
            if self._error is not None:
                raise self._error
            return self._value

    def drive(coroutine, settled=lambda error: None):
        def step():
            try:
                awaited = coroutine.send(None)
            except StopIteration:
                settled(None)
            except BaseException as error:
                settled(error)
                raise
            else:
                awaited._then(step)

        step()

    def call(function, *values, settled=lambda error: None):
        """Calls a function or starts a coroutine."""
        try:
            result = function(*values)
        except BaseException as error:
            settled(error)
            raise
        if inspect.iscoroutine(result):
            drive(result, settled)
        else:
            settled(None)

    class Message:
        def __init__(self, incoming):
            self._incoming = incoming
            self.address = str(incoming.address())
            self.body = json.loads(str(incoming.body()))
            self.headers = json.loads(str(incoming.headers()))

        def reply(self, body=None):
            self._incoming.reply(json.dumps(body))

        def fail(self, code, reason):
            self._incoming.fail(code, reason)

    class Registration:
        def __init__(self, registration):
            self._registration = registration

        def unregister(self):
            self._registration.unregister()

    def options(timeout, headers):
        given = {} if timeout is None else {"timeout": timeout}
        return json.dumps(given if headers is None else {**given, "headers": headers})

    class EventBus:
        def send(self, address, body=None, headers=None):
            host.send(address, json.dumps(body), options(None, headers))

        def publish(self, address, body=None, headers=None):
            host.publish(address, json.dumps(body), options(None, headers))

        def request(self, address, body=None, timeout=None, headers=None):
            answer = Answer()

            def answered(reason, code, text):
                if reason is None:
                    answer._settle(json.loads(str(text)), None)
                else:
                    answer._settle(None, BusError(str(reason), int(code)))

            host.request(address, json.dumps(body), options(timeout, headers), answered)
            return answer

        def consumer(self, address, handler):
            def handle(incoming):
                message = Message(incoming)

                def settled(error):
                    if error is not None:
                        message.fail(500, address + ": failed; the hub's log says why")

                call(handler, message, settled=settled)

            return Registration(host.consumer(address, handle))

    class Vertx:
        def __init__(self):
            self.event_bus = EventBus()

        def set_timer(self, ms, handler):
            return host.timer(int(ms), False, lambda *unused: call(handler))

        def set_periodic(self, ms, handler):
            return host.timer(int(ms), True, lambda *unused: call(handler))

        def cancel_timer(self, timer):
            return host.cancel(timer)

    class Stopping:
        """What the hub waits for when it stops the verticle."""

        def __init__(self):
            self._kept = self._broken = None
            self._settled = self._error = None

        def settle(self, error):
            self._settled, self._error = True, error
            self._tell()

        def then(self, kept, broken):
            self._kept, self._broken = kept, broken
            self._tell()

        def _tell(self):
            if self._settled and self._kept is not None:
                if self._error is None:
                    self._kept()
                else:
                    self._broken(str(self._error))

    def stop():
        stopping = Stopping()
        function = globals().get("stop")
        if function is None:
            stopping.settle(None)
        else:
            call(function, settled=stopping.settle)
        return stopping

    globals().update(
        vertx=Vertx(),
        config=json.loads(str(host.config())),
        run=drive,
        BusError=BusError,
        _stop=stop,
    )
