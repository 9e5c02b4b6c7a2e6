import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { Grains, Ledger, Mapping, MappingDraft } from '../../src/api/types';
import * as city from './city';
import { MockHub } from './hub';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml',
};

interface Problem { status: number; title: string; detail: string }

/** A host with a made-up city: the built page, the API and the live hub on one port, as the real host has them. */
export class MockHost {
  ledger: Ledger = { ...city.ledger };
  grains: Grains = { ...city.grains };
  info = { ...city.info };
  /** Answers for paths that start so, in place of the usual ones. */
  readonly problems = new Map<string, Problem>();
  readonly requests: string[] = [];
  readonly hub: MockHub;
  private readonly http: Server;
  private ticker: NodeJS.Timeout | undefined;

  private constructor(private readonly root: string) {
    this.http = createServer((request, response) => {
      this.requests.push(request.url ?? '');
      const url = new URL(request.url ?? '/', 'http://host');
      const answering = url.pathname.startsWith('/api/v1/mappings') ? this.answerMappings(url.pathname.split('/')[4], request, response) : this.answer(url, response);
      answering.catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
    this.hub = new MockHub(this.http);
  }

  private mappings: Mapping[] = [];
  private replays = 0; // a trial and the real thing, in turn

  static async start(root: string): Promise<MockHost> {
    const host = new MockHost(root);
    await new Promise<void>(resolve => host.http.listen(0, '127.0.0.1', resolve));
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** Sends overview and map once a second, as the real host does. */
  startTicking(): void {
    this.ticker = setInterval(() => this.tick(Date.now()), 1000);
  }

  tick(timeMs: number): void {
    this.hub.send('Overview', 'overview', city.overviewAt(timeMs));
    this.hub.send('Map', 'map', { points: city.mapPointsAt(timeMs) });
  }

  async stop(): Promise<void> {
    clearInterval(this.ticker);
    this.hub.stop();
    this.http.closeAllConnections();
    await new Promise(resolve => this.http.close(resolve));
  }

  private async answer(url: URL, response: ServerResponse): Promise<void> {
    const path = url.pathname;
    for (const [prefix, problem] of this.problems) {
      if (path.startsWith(prefix)) return problemDetails(response, problem);
    }
    if (path.startsWith('/api/v1/')) return this.answerApi(path.slice(8).split('/').map(decodeURIComponent), url.searchParams, response);
    if (path === '/style.json') return json(response, { version: 8, sources: {}, layers: [{ id: 'ground', type: 'background', paint: { 'background-color': '#336699' } }] });
    if (path === '/live/negotiate') {
      if (this.hub.refusing) return void response.writeHead(503).end();
      return json(response, {
        negotiateVersion: 1, connectionId: 'mock', connectionToken: 'mock',
        availableTransports: [{ transport: 'WebSockets', transferFormats: ['Text'] }],
      });
    }
    return this.answerFile(path, response);
  }

  private async answerMappings(id: string | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'DELETE') {
      this.mappings = this.mappings.filter(m => m.id !== id);
      return void response.writeHead(204).end();
    }
    if (request.method !== 'POST') return json(response, { items: this.mappings });
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const draft = JSON.parse(body) as MappingDraft;
    if (!draft.to && !draft.rename) return problemDetails(response, { status: 400, title: 'Bad request', detail: 'The mapping changes nothing.' });
    const mapping: Mapping = { id: `m${this.mappings.length + 1}`, filter: draft.filter, to: draft.to ?? null, rename: draft.rename ?? null, created: new Date().toISOString() };
    this.mappings = [...this.mappings, mapping];
    return json(response, mapping);
  }

  private answerApi(parts: string[], query: URLSearchParams, response: ServerResponse): void {
    const [first, id, third, metric] = parts;
    const device = city.devices.find(d => d.id === id);
    if (first === 'devices' && id !== undefined && !device) {
      return problemDetails(response, { status: 404, title: 'Unknown device', detail: `No device "${id}" has ever sent a message.` });
    }
    switch (first) {
      case 'info': return json(response, this.info);
      case 'ledger': return json(response, id === undefined ? this.ledger : city.ledgerParts(id, query));
      case 'system': return json(response, this.grains);
      case 'deadletters':
        if (id === 'replay') return json(response, { matched: 12, replayed: 8, refused: [{ position: 1, topic: 'city/bac/hn/air/x', reason: 'bad-json', detail: 'It is no JSON.' }], dryRun: this.replays++ % 2 === 0 });
        return json(response, { items: city.deadLetters.filter(d => !query.get('device') || d.device === query.get('device')) });
      case 'cells': return page(response, query, city.cells.filter(c => fits(query, c) && (!query.get('plmn') || c.plmn === query.get('plmn'))), c => c.ncgi);
      case 'coverage': {
        const [, , z, x, y] = parts;
        return json(response, city.coverageOf(Number(z), Number(x), Number(y), query.get('plmn') ?? ''));
      }
      case 'devices':
        if (!device) {
          return page(response, query, city.devices.filter(d => fits(query, d)
            && (!query.get('kind') || d.kind === query.get('kind')) && (!query.get('status') || d.status === query.get('status'))), d => d.id);
        }
        if (third === 'series' && metric !== undefined) {
          const [from, to] = [Date.parse(query.get('from') ?? ''), Date.parse(query.get('to') ?? '')];
          return json(response, { device: device.id, ...city.seriesOf(device, metric, from, to, Number(query.get('step'))) });
        }
        return json(response, city.detailOf(device));
      default: return problemDetails(response, { status: 404, title: 'Not found', detail: parts.join('/') });
    }
  }

  private async answerFile(path: string, response: ServerResponse): Promise<void> {
    const name = normalize(path === '/' || extname(path) === '' ? '/index.html' : path);
    try {
      const content = await readFile(join(this.root, name));
      response.writeHead(200, {
        'content-type': types[extname(name)] ?? 'application/octet-stream',
        // As strict as a host can be: the page must work under it.
        'content-security-policy': "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws:; object-src 'none'",
      }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  }
}

function fits(query: URLSearchParams, item: { region: string; unit: string }): boolean {
  const area = query.get('area');
  return !area || area === 'vn' || item.region === area || item.unit === area;
}

function page<T>(response: ServerResponse, query: URLSearchParams, items: T[], keyOf: (item: T) => string): void {
  const limit = Number(query.get('limit') ?? 100);
  const after = query.get('after');
  const start = after ? items.findIndex(item => keyOf(item) === after) + 1 : 0;
  const rows = items.slice(start, start + limit);
  const last = rows.at(-1);
  json(response, { items: rows, next: last && start + limit < items.length ? keyOf(last) : null });
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function problemDetails(response: ServerResponse, problem: Problem): void {
  response.writeHead(problem.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
}
