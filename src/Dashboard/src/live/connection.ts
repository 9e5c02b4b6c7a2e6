import { backoffMs } from './backoff';

export type ConnectionState = 'live' | 'reconnecting' | 'offline';

/** The part of a SignalR HubConnection in use here. */
export interface Hub {
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
  on(event: string, handler: (payload: never) => void): void;
  onclose(handler: () => void): void;
}

export interface LiveConnectionOptions {
  createHub: () => Hub;
  /** Attempts that fail in a row before the state says offline; the attempts go on. */
  offlineAfterFailures?: number;
  random?: () => number;
}

interface Watch { method: string; argument: string | null; count: number }

const refusedRetryMs = 5_000;

type Listener<T> = (value: T) => void;

/**
 * One connection to the live hub for the whole page. Reconnects for ever with back-off and, once connected again, watches again
 * what was watched. SignalR's own automatic reconnect is not used: it covers neither the first start nor a wake-up call
 * (network back, tab shown again), and two loops would fight.
 */
export class LiveConnection {
  private readonly watches = new Map<string, Watch>();
  private readonly listeners = new Map<string, Set<Listener<never>>>();
  private readonly stateListeners = new Set<Listener<ConnectionState>>();
  private readonly connectedListeners = new Set<() => void>();
  private readonly offlineAfter: number;
  private hub: Hub | null = null;
  private current: ConnectionState = 'reconnecting';
  private running = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: LiveConnectionOptions) {
    this.offlineAfter = options.offlineAfterFailures ?? 3;
  }

  get state(): ConnectionState {
    return this.current;
  }

  /** Starts connecting; does nothing when already started. */
  start(): void {
    if (this.running) return;
    this.running = true;
    void this.connect();
  }

  async stop(): Promise<void> {
    this.running = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    const hub = this.hub;
    this.hub = null;
    await hub?.stop();
  }

  /** Tries at once when an attempt is being waited for: the network is back, or the page is looked at again. */
  wake(): void {
    if (!this.running || this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.connect();
  }

  onState(listener: Listener<ConnectionState>): () => void {
    this.stateListeners.add(listener);
    listener(this.current);
    return () => this.stateListeners.delete(listener);
  }

  /** Called each time the connection is up and everything is watched again: the moment to read what was missed. */
  onConnected(listener: () => void): () => void {
    this.connectedListeners.add(listener);
    return () => this.connectedListeners.delete(listener);
  }

  /**
   * Listens to an event and has the hub send it. Watches are counted: the hub is told of the first and of the end of the last.
   * @param subject what is watched: Overview, Map or Device (method Watch{subject} and Unwatch{subject})
   * @param argument the device id for Device
   * @returns ends the watch
   */
  watch<T>(subject: string, argument: string | null, event: string, listener: Listener<T>): () => void {
    const set = this.listeners.get(event) ?? new Set<Listener<never>>();
    this.listeners.set(event, set);
    set.add(listener);

    const key = `${subject}\n${argument ?? ''}`;
    const watch = this.watches.get(key) ?? { method: subject, argument, count: 0 };
    this.watches.set(key, watch);
    watch.count++;
    if (watch.count === 1 && this.current === 'live' && this.hub) void this.tell(this.hub, watch);

    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      set.delete(listener);
      watch.count--;
      if (watch.count > 0) return;
      this.watches.delete(key);
      if (this.current === 'live') this.untell(watch);
    };
  }

  private async connect(): Promise<void> {
    const hub = this.options.createHub();
    this.hub = hub;
    for (const event of ['overview', 'map', 'reading']) {
      hub.on(event, payload => {
        if (this.hub === hub) this.dispatch(event, payload);
      });
    }
    hub.onclose(() => {
      if (this.hub === hub) this.lost();
    });
    try {
      await hub.start();
    } catch {
      if (this.hub === hub) this.lost();
      return;
    }
    if (this.hub !== hub) {
      await hub.stop();
      return;
    }
    // What begins to be watched while these calls are under way is not told yet (the state is not "live"): go on until nothing is new.
    const told = new Set<Watch>();
    for (;;) {
      const missing = [...this.watches.values()].filter(watch => !told.has(watch));
      if (missing.length === 0) break;
      for (const watch of missing) told.add(watch);
      await Promise.all(missing.map(watch => this.tell(hub, watch)));
      if (this.hub !== hub) return;
    }
    this.failures = 0;
    this.setState('live');
    for (const watch of told) {
      if (watch.count === 0) this.untell(watch);
    }
    for (const listener of [...this.connectedListeners]) listener();
  }

  private lost(): void {
    this.hub = null;
    if (!this.running) return;
    const wait = backoffMs(this.failures, this.options.random);
    this.failures++;
    this.setState(this.failures > this.offlineAfter ? 'offline' : 'reconnecting');
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.connect();
    }, wait);
  }

  /** Asks the hub to send; a refusal is asked again after a while, and disturbs no other watch. */
  private async tell(hub: Hub, watch: Watch): Promise<void> {
    try {
      await hub.invoke(`Watch${watch.method}`, ...argumentsOf(watch));
    } catch {
      if (this.hub !== hub) return;
      setTimeout(() => {
        if (this.hub === hub && watch.count > 0) void this.tell(hub, watch);
      }, refusedRetryMs);
    }
  }

  private untell(watch: Watch): void {
    // Nothing depends on the answer: what still arrives has no listener.
    this.hub?.invoke(`Unwatch${watch.method}`, ...argumentsOf(watch)).catch(() => undefined);
  }

  private dispatch(event: string, payload: never): void {
    for (const listener of [...this.listeners.get(event) ?? []]) listener(payload);
  }

  private setState(state: ConnectionState): void {
    if (state === this.current) return;
    this.current = state;
    for (const listener of [...this.stateListeners]) listener(state);
  }
}

function argumentsOf(watch: Watch): string[] {
  return watch.argument === null ? [] : [watch.argument];
}
