/** Types of anabranch.js, the client of the Anabranch realtime hub. */

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

export type Transport = 'websocket' | 'sse';
export type State = 'connecting' | 'open' | 'waiting' | 'closed';

/** One event on one channel, as the log has it. */
export interface Message<T = any> {
  readonly type: 'message';
  /** The message's place in the log: `<epoch>-<seq>`. */
  readonly id: string;
  /** The id of the message before this one on the same channel. */
  readonly prev?: string;
  readonly channel: string;
  /** Left out when it is `message`. */
  readonly event?: string;
  readonly data: T;
  /** Milliseconds since 1970 UTC, set by the log. */
  readonly time: number;
  /** The publisher's `sub`. */
  readonly user?: string;
}

/** Messages that a subscriber cannot have. Raised once for each subscription that misses them. */
export interface Gap {
  readonly channel: string;
  /** The last position that is known to be complete. */
  readonly after?: string;
  /** The position from which all is complete again. */
  readonly resumed?: string;
  /**
   * `expired`: the log keeps them no more; `reset`: the log's past is lost; `overflow`: this client
   * was too slow; `unavailable`: they could not be fetched.
   */
  readonly reason: 'expired' | 'reset' | 'overflow' | 'unavailable';
}

/** Somebody came to a channel, or left it. */
export interface PresenceChange {
  readonly type: 'join' | 'leave';
  readonly channel: string;
  readonly user?: string;
  readonly session: string;
}

export interface ConnectOptions {
  /** A token, or a function that is asked for the first, before that one expires, and when it is refused. */
  token?: string | (() => string | null | undefined | Promise<string | null | undefined>);
  /** Pins the transports that may be used; both, when left out. */
  transports?: readonly Transport[];
  /** This client's own id, 8 to 64 of `A-Za-z0-9_-`, the same over reconnections; made up when left out. */
  client?: string;
  /** A WebSocket class, where the platform has none (Node 20) or another is wanted. */
  WebSocket?: new (url: string, protocols?: string | string[]) => unknown;
  fetch?: (url: string, init?: any) => Promise<any>;
  /** Used, with a ticket, where `fetch` cannot stream a body. */
  EventSource?: new (url: string) => unknown;
  /** Time, chance, page events and memory of the transport that worked: for tests. */
  clock?: Clock;
  random?: () => number;
  page?: Page;
  memory?: Memory;
}

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  setTimeout(action: () => void, delay: number): unknown;
  clearTimeout(timer: any): void;
}

export type PageEvent = 'shown' | 'hidden' | 'online' | 'offline';

export interface Page {
  readonly hidden: boolean;
  /** Returns a function that stops it. */
  listen(tell: (event: PageEvent) => void): () => void;
}

export interface Memory {
  get(): Transport | null;
  set(transport: Transport): void;
}

export interface SubscribeOptions {
  /** The last messages of each channel first. */
  last?: number;
  /** All behind this id first, or all that the log has. */
  after?: string | 'earliest';
  /** Milliseconds (0 to 60000): of each channel only the newest message, that often. */
  conflate?: number;
}

export interface PublishOptions {
  event?: string;
  /** A repeat of this within the hub's window answers the first id and delivers nothing. Made up when left out. */
  dedup?: string;
}

export interface HistoryOptions {
  after?: string;
  before?: string;
  /** 100 when left out, at most 1000. */
  limit?: number;
}

export interface History<T = any> {
  messages: Message<T>[];
  cursor: string;
  more: boolean;
}

export interface Presence {
  count: number;
  users: { user?: string; session: string; since: number }[];
}

export interface Stats {
  /** Messages handed to subscribers. */
  readonly messages: number;
  /** Messages that came again, and were removed. */
  readonly repeats: number;
  /** Messages that were missing, and fetched from history. */
  readonly repaired: number;
  readonly gaps: number;
}

export interface HubEvents {
  state: State;
  transport: Transport | null;
  gap: Gap;
  join: PresenceChange;
  leave: PresenceChange;
  /** What cannot be told to a caller. Without a listener it goes to the console. */
  error: HubError | Error;
}

/** Opens a connection to the hub at `url` and keeps it open, over whatever transport works. */
export function connect(url: string | URL, options?: ConnectOptions): Hub;

export class Hub {
  private constructor();
  readonly state: State;
  readonly transport: Transport | null;
  readonly stats: Stats;

  /** Hands each message to `handler`, once and in order. */
  subscribe<T = any>(
    channel: string,
    handler: (message: Message<T>) => unknown,
    options?: SubscribeOptions,
  ): Subscription;

  /** Resolves when the log has the message. Repeated over a broken connection without being doubled. */
  publish(channel: string, data: Json | object, options?: PublishOptions): Promise<{ id: string }>;
  history<T = any>(channel: string, options?: HistoryOptions): Promise<History<T>>;
  presence(channel: string): Promise<Presence>;
  /** Asks a service behind the hub. Never repeated: a broken connection rejects it. */
  call<T = any>(service: string, data?: Json | object): Promise<T>;

  /** Returns a function that stops it. */
  on<E extends keyof HubEvents>(event: E, listener: (value: HubEvents[E]) => void): () => void;
  off<E extends keyof HubEvents>(event: E, listener: (value: HubEvents[E]) => void): void;

  /** Ends the connection for good. */
  close(): void;
}

export class Subscription {
  private constructor();
  readonly channel: string;
  readonly conflate: number;
  readonly closed: boolean;
  /** All up to here was handed on; `null` before the hub has said where this began. */
  readonly cursor: string | null;
  /** Changes `conflate` while reading on. */
  update(options: { conflate: number }): void;
  close(): void;
}

/** A refusal by the hub, or a failure on the way there (`status` 0). */
export class HubError extends Error {
  constructor(status: number, code: string, message: string, details?: HubErrorDetails);
  /** The HTTP status, or 0. */
  readonly status: number;
  /** A short name: `forbidden`, `disconnected`, `buffered`, … */
  readonly code: string;
  /** Milliseconds, where the hub wishes it. */
  readonly retryAfter?: number;
  /** The channel of the subscription that was refused. */
  readonly channel?: string;
  readonly channels?: string[];
  /** The transport that failed. */
  readonly transport?: Transport;
  readonly closeCode?: number;
}

export interface HubErrorDetails {
  cause?: unknown;
  retryAfter?: number;
  channels?: string[];
  transport?: Transport;
  closeCode?: number;
}

/** What `Connection` tells. */
export interface ConnectionEvents {
  state(state: State): void;
  transport(transport: Transport | null): void;
  serving(link: Link): void;
  error(error: HubError): void;
  closed(error?: HubError): void;
}

/** What a link tells `Connection`. */
export interface LinkEvents {
  ready(): void;
  caughtUp(): void;
  heard(): void;
  down(error: HubError): void;
}

/** A transport, as `Connection` knows it. */
export interface Link {
  readonly kind: Transport;
  readonly isReady: boolean;
  readonly pingable: boolean;
  readonly heard: number;
  readonly heardAt: number;
  readonly heartbeat: number;
  readonly token?: string | null;
  open(): void;
  join(): void;
  sync(): void;
  ping?(): void;
  close(): void;
  fail(error: HubError): void;
}

/** The state machine that chooses, watches and changes transports. `connect` makes one; tests drive it. */
export class Connection {
  constructor(options: {
    kinds: readonly Transport[];
    createLink(kind: Transport, events: LinkEvents): Link;
    tokens: { refused(token: unknown): boolean; accepted(): void; doubt(): void };
    memory: Memory;
    clock: Clock;
    random: () => number;
    page: Page;
    events: ConnectionEvents;
  });
  readonly state: State;
  readonly active: Link | null;
  start(): void;
  close(error?: HubError): void;
  whenOpen(): Promise<void>;
  sync(): void;
  pageEvent(event: PageEvent): void;
}
