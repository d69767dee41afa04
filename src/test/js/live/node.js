/**
 * Runs a journey in Node. The first argument is its options as JSON; what it says and is told goes
 * line by line over standard output and input (see NodeJourney.java).
 */
import { createInterface } from 'node:readline';
import WebSocket from 'ws';
import { connect } from '../../../../webroot/anabranch.js';
import { Journey } from './journey.js';

const { switches, atLeast, atMost, ...options } = JSON.parse(process.argv[2]);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = value => console.log(JSON.stringify(value));

const journey = new Journey({ connect, options: { WebSocket }, ...options });
if (!(await journey.ready(30_000))) throw new Error('some clients found no connection');
say('ready');
await lines.next();
await journey.travel(switches, atLeast, atMost);
say('travelled');
const { value: totals } = await lines.next();
say(await journey.finish(JSON.parse(totals)));
process.exit();
