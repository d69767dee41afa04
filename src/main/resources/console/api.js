// Requests to the hub, in the name of the administrator.

import { refusal } from '/dom.js';

/** An answer that is no success; `status` is HTTP's. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Api {
  #token;

  constructor(token) {
    this.#token = token;
  }

  get token() {
    return this.#token;
  }

  async get(path) {
    return (await this.#send('GET', path)).json();
  }

  async text(path) {
    return (await this.#send('GET', path)).text();
  }

  async post(path, value) {
    return (await this.#send('POST', path, JSON.stringify(value))).json();
  }

  async delete(path) {
    await this.#send('DELETE', path);
  }

  async #send(method, path, body) {
    const headers = { Authorization: `Bearer ${this.#token}` };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const response = await fetch(path, { method, headers, body, cache: 'no-store' });
    if (!response.ok) throw new Refused(response.status, await refusal(response));
    return response;
  }
}
