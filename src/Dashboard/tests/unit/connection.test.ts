import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs } from '../../src/live/backoff';
import { LiveConnection, type ConnectionState, type Hub } from '../../src/live/connection';

class FakeHub implements Hub {
  readonly calls: string[] = [];
  refused = new Set<string>();
  stopped = false;
  private readonly handlers = new Map<string, (payload: never) => void>();
  private closed: () => void = () => undefined;

  constructor(private readonly fails: boolean) {}

  start(): Promise<void> {
    return this.fails ? Promise.reject(new Error('refused')) : Promise.resolve();
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }

  invoke(method: string, ...values: unknown[]): Promise<unknown> {
    const call = [method, ...values].join(' ');
    this.calls.push(call);
    return this.refused.has(call) ? Promise.reject(new Error('refused')) : Promise.resolve();
  }

  on(event: string, handler: (payload: never) => void): void {
    this.handlers.set(event, handler);
  }

  onclose(handler: () => void): void {
    this.closed = handler;
  }

  emit(event: string, payload: unknown): void {
    this.handlers.get(event)?.(payload as never);
  }

  close(): void {
    this.closed();
  }
}

/** Lets promises settle without moving the clock. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('the live connection', () => {
  let hubs: FakeHub[];
  let failNext: number;
  let states: ConnectionState[];
  let connection: LiveConnection;

  const hub = (): FakeHub => hubs.at(-1) as FakeHub;

  beforeEach(() => {
    vi.useFakeTimers();
    hubs = [];
    failNext = 0;
    states = [];
    connection = new LiveConnection({
      random: () => 0,
      createHub: () => {
        const made = new FakeHub(failNext-- > 0);
        hubs.push(made);
        return made;
      },
    });
    connection.onState(state => states.push(state));
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('goes live and watches what was asked for before it was connected', async () => {
    connection.watch('Overview', null, 'overview', () => undefined);
    connection.start();
    await settle();
    expect(hub().calls).toEqual(['WatchOverview']);
    expect(states).toEqual(['reconnecting', 'live']);
  });

  it('tells the hub of the first watch and of the end of the last only', async () => {
    connection.start();
    await settle();
    const first = connection.watch('Device', 'a', 'reading', () => undefined);
    const second = connection.watch('Device', 'a', 'reading', () => undefined);
    first();
    first();
    expect(hub().calls).toEqual(['WatchDevice a']);
    second();
    expect(hub().calls).toEqual(['WatchDevice a', 'UnwatchDevice a']);
  });

  it('watches again after a reconnect and then says so', async () => {
    const seen: unknown[] = [];
    let connected = 0;
    connection.onConnected(() => { connected++; });
    connection.watch('Device', 'a', 'reading', value => seen.push(value));
    const ended = connection.watch('Map', null, 'map', () => undefined);
    connection.start();
    await settle();
    ended();
    hub().close();
    expect(connection.state).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(499);
    expect(hubs).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(hubs).toHaveLength(2);
    expect(hub().calls).toEqual(['WatchDevice a']);
    expect(connected).toBe(2);
    hub().emit('reading', 1);
    expect(seen).toEqual([1]);
    expect(connection.state).toBe('live');
  });

  it('says offline after four failed attempts and still goes on for ever', async () => {
    failNext = 40;
    connection.start();
    await settle();
    await vi.advanceTimersByTimeAsync(500 + 1000 + 2000);
    expect(connection.state).toBe('offline');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(hubs.length).toBeGreaterThan(40);
    expect(connection.state).toBe('live');
  });

  it('tries at once when woken, and only when it was waiting', async () => {
    failNext = 5;
    connection.start();
    await settle();
    connection.wake();
    await settle();
    expect(hubs).toHaveLength(2);
    failNext = 0;
    connection.wake();
    await settle();
    expect(connection.state).toBe('live');
    connection.wake();
    await settle();
    expect(hubs).toHaveLength(3);
  });

  it('asks again for a watch that was refused, without disturbing the others', async () => {
    connection.start();
    await settle();
    hub().refused.add('WatchDevice a');
    connection.watch('Device', 'a', 'reading', () => undefined);
    await settle();
    expect(connection.state).toBe('live');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(hub().calls).toEqual(['WatchDevice a', 'WatchDevice a']);
    hub().refused.clear();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hub().calls).toHaveLength(3);
    expect(hubs).toHaveLength(1);
  });

  it('hears nothing of a hub that has been replaced', async () => {
    const seen: unknown[] = [];
    connection.watch('Map', null, 'map', value => seen.push(value));
    connection.start();
    await settle();
    const old = hub();
    old.close();
    await vi.advanceTimersByTimeAsync(500);
    old.emit('map', 'old');
    old.close();
    expect(seen).toEqual([]);
    expect(connection.state).toBe('live');
  });

  it('stops for good', async () => {
    connection.start();
    await settle();
    await connection.stop();
    expect(hub().stopped).toBe(true);
    hub().close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hubs).toHaveLength(1);
  });
});

describe('the back-off', () => {
  it('doubles from half a second to fifteen seconds', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 500].map(n => backoffMs(n, () => 0))).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  });

  it('is up to a quarter shorter at random', () => {
    expect(backoffMs(0, () => 0.9999)).toBe(375);
  });
});
