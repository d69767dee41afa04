/** A journey in a page: with the module that the hub serves, and the transports of the browser. */
import { connect } from '/anabranch.js';
import { Journey } from './journey.js';

export function createJourney(options) {
  return new Journey({ connect, options: {}, ...options });
}
