// Publishes the time to demo:clock each second: "2026-11-21T04:13:45Z".

const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

setInterval(() => {
  vertx.eventBus.send('anabranch.publish', { channel: 'demo:clock', data: now() });
}, 1000);
