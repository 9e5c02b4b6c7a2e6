import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';

const separator = '\x1e';
const pingMs = 5_000;

interface HubMessage { type?: number; invocationId?: string; target?: string; arguments?: unknown[]; protocol?: string }

/** The server's side of SignalR's JSON protocol over WebSocket, as far as the dashboard uses it. */
export class MockHub {
  /** Watches per connection, such as `Overview` or `Device air-1`. */
  private readonly clients = new Map<WebSocket, Set<string>>();
  private readonly waiting: Array<{ watch: string; resolve: () => void }> = [];
  private readonly server: WebSocketServer;
  private readonly timer: NodeJS.Timeout;
  /** All calls since the start, such as `WatchDevice air-1`. */
  readonly calls: string[] = [];
  /** While true, new connections are refused. */
  refusing = false;

  constructor(http: Server) {
    this.server = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request, socket, head) => {
      if (this.refusing || !request.url?.startsWith('/live')) {
        socket.destroy();
        return;
      }
      this.server.handleUpgrade(request, socket, head, client => this.accept(client));
    });
    this.timer = setInterval(() => {
      for (const client of this.clients.keys()) client.send(JSON.stringify({ type: 6 }) + separator);
    }, pingMs);
  }

  get connectionCount(): number {
    return this.clients.size;
  }

  isWatched(watch: string): boolean {
    return [...this.clients.values()].some(watches => watches.has(watch));
  }

  /** Resolves when some client watches it, at once when one does. */
  watched(watch: string): Promise<void> {
    if (this.isWatched(watch)) return Promise.resolve();
    return new Promise(resolve => this.waiting.push({ watch, resolve }));
  }

  send(watch: string, event: string, payload: unknown): void {
    const text = JSON.stringify({ type: 1, target: event, arguments: [payload] }) + separator;
    for (const [client, watches] of this.clients) {
      if (watches.has(watch)) client.send(text);
    }
  }

  /** Breaks every connection without a goodbye, as a killed host does. */
  drop(): void {
    for (const client of this.clients.keys()) client.terminate();
  }

  stop(): void {
    clearInterval(this.timer);
    this.drop();
    this.server.close();
  }

  private accept(client: WebSocket): void {
    let isGreeted = false;
    client.on('message', data => {
      for (const text of String(data).split(separator)) {
        if (text === '') continue;
        const message = JSON.parse(text) as HubMessage;
        if (!isGreeted) {
          isGreeted = true;
          this.clients.set(client, new Set());
          client.send(`{}${separator}`);
        } else if (message.type === 1) {
          this.invoke(client, message);
        }
      }
    });
    client.on('close', () => this.clients.delete(client));
  }

  private invoke(client: WebSocket, { target = '', arguments: values = [], invocationId }: HubMessage): void {
    this.calls.push([target, ...values].join(' '));
    const watches = this.clients.get(client);
    const watch = [target.replace(/^(Unw|W)atch/, ''), ...values].join(' ');
    if (target.startsWith('Watch')) watches?.add(watch);
    else watches?.delete(watch);
    if (invocationId !== undefined) client.send(JSON.stringify({ type: 3, invocationId, result: null }) + separator);
    for (const entry of this.waiting.filter(w => this.isWatched(w.watch))) {
      this.waiting.splice(this.waiting.indexOf(entry), 1);
      entry.resolve();
    }
  }
}
