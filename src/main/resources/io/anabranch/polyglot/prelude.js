// The event bus, timers and the configuration, as JavaScript has them. `host` takes and gives JSON.
(host) => {
  const encode = (value) => JSON.stringify(value === undefined ? null : value) ?? 'null';
  const decode = (json) => JSON.parse(json);

  const failure = (reason, code) => Object.assign(new Error(reason), { code });

  class Message {
    #incoming;

    constructor(incoming) {
      this.#incoming = incoming;
      this.address = incoming.address();
      this.body = decode(incoming.body());
      this.headers = decode(incoming.headers());
    }

    reply(body) {
      this.#incoming.reply(encode(body));
    }

    fail(code, reason) {
      this.#incoming.fail(code, String(reason));
    }
  }

  // Not an async function: of one that is broken off nobody knows where it was.
  const handle = (handler, message) => {
    const failed = (error) => {
      message.fail(500, `${message.address}: failed; the hub's log says why`);
      throw error;
    };
    let result;
    try {
      result = handler(message);
    } catch (error) {
      failed(error);
    }
    if (typeof result?.then === 'function') {
      result.then(undefined, failed);
    }
  };

  const eventBus = Object.freeze({
    send: (address, body, options = {}) => host.send(address, encode(body), encode(options)),
    publish: (address, body, options = {}) => host.publish(address, encode(body), encode(options)),
    request: (address, body, options = {}) =>
      new Promise((resolve, reject) => {
        host.request(address, encode(body), encode(options), (reason, code, answer) => {
          if (reason === null) {
            resolve(decode(answer));
          } else {
            reject(failure(reason, code));
          }
        });
      }),
    consumer: (address, handler) => {
      const registration = host.consumer(address, (incoming) => {
        handle(handler, new Message(incoming));
      });
      return Object.freeze({ unregister: () => registration.unregister() });
    },
  });

  const timer = (ms, repeats, handler, values) =>
    host.timer(Math.max(1, Math.round(Number(ms) || 0)), repeats, () => handler(...values));
  const cancel = (id) => id !== undefined && id !== null && host.cancel(id);

  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, enumerable: true });
  define(
    'vertx',
    Object.freeze({
      eventBus,
      setTimer: (ms, handler) => timer(ms, false, handler, []),
      setPeriodic: (ms, handler) => timer(ms, true, handler, []),
      cancelTimer: cancel,
    }),
  );
  define('config', decode(host.config()));
  define('setTimeout', (handler, ms, ...values) => timer(ms, false, handler, values));
  define('setInterval', (handler, ms, ...values) => timer(ms, true, handler, values));
  define('clearTimeout', cancel);
  define('clearInterval', cancel);
};
