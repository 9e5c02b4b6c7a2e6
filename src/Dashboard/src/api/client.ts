import type {
  Cell, CoverageCollection, DeadLetter, Device, DeviceDetail, Grains, Ledger, LedgerParts, Mapping, MappingDraft, Page, ReplayReport, ReplayRequest, Series, SystemInfo,
} from './types';

/** A failed request: what RFC 9457 problem details say, or the nearest thing when the answer had none. */
export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** The problem's title; null when the answer had none. */
    readonly title: string | null,
    readonly detail: string | null,
  ) {
    super(detail ?? title ?? `HTTP ${status}`);
    this.name = 'ApiError';
  }
}

const timeoutMs = 20_000;

type Query = Record<string, string | number | null | undefined>;

const get = <T>(path: string, query: Query, signal?: AbortSignal): Promise<T> => ask<T>(path, query, {}, signal);

const post = <T>(path: string, body: unknown): Promise<T> =>
  ask<T>(path, {}, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

const remove = (path: string): Promise<void> => ask<void>(path, {}, { method: 'DELETE' });

async function ask<T>(path: string, query: Query, init: RequestInit, signal?: AbortSignal): Promise<T> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await fetch(text ? `${path}?${text}` : path, {
      ...init,
      headers: { accept: 'application/json, application/problem+json', ...init.headers },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, null, null);
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  try {
    return await response.json() as T;
  } catch (error) {
    if (signal?.aborted) throw error;
    // A proxy's page in place of the API's JSON, or an answer that broke off.
    throw new ApiError(response.status, null, null);
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.includes('json')) return new ApiError(response.status, response.statusText || null, null);
  try {
    const problem = await response.json() as { title?: unknown; detail?: unknown; errors?: unknown };
    const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
    // Validation problems carry a list per field and often no detail.
    const fields = problem.errors && typeof problem.errors === 'object'
      ? Object.entries(problem.errors).map(([name, messages]) => `${name}: ${[messages].flat().join(' ')}`).join(' ')
      : '';
    return new ApiError(response.status, text(problem.title), text(problem.detail) ?? text(fields));
  } catch {
    return new ApiError(response.status, response.statusText || null, null);
  }
}

const part = encodeURIComponent;

interface LedgerQuery { from?: string; to?: string; device?: string }

export const api = {
  info: (signal?: AbortSignal) => get<SystemInfo>('/api/v1/info', {}, signal),
  devices: (query: { area?: string; kind?: string; status?: string; limit?: number; after?: string | null }, signal?: AbortSignal) =>
    get<Page<Device>>('/api/v1/devices', query, signal),
  device: (id: string, signal?: AbortSignal) => get<DeviceDetail>(`/api/v1/devices/${part(id)}`, {}, signal),
  deviceSeries: (id: string, metric: string, query: { from: string; to: string; step: number }, signal?: AbortSignal) =>
    get<Series>(`/api/v1/devices/${part(id)}/series/${part(metric)}`, query, signal),
  ledger: (query: LedgerQuery = {}, signal?: AbortSignal) => get<Ledger>('/api/v1/ledger', { ...query }, signal),
  ledgerHours: (query: LedgerQuery, signal?: AbortSignal) => get<LedgerParts>('/api/v1/ledger/hours', { ...query }, signal),
  ledgerDevices: (query: LedgerQuery, signal?: AbortSignal) => get<LedgerParts>('/api/v1/ledger/devices', { ...query }, signal),
  grains: (signal?: AbortSignal) => get<Grains>('/api/v1/system/grains', {}, signal),
  deadLetters: (query: { device?: string; limit?: number }, signal?: AbortSignal) =>
    get<{ items: DeadLetter[] }>('/api/v1/deadletters', query, signal),
  replay: (request: ReplayRequest) => post<ReplayReport>('/api/v1/deadletters/replay', request),
  mappings: (signal?: AbortSignal) => get<{ items: Mapping[] }>('/api/v1/mappings', {}, signal),
  addMapping: (draft: MappingDraft) => post<Mapping>('/api/v1/mappings', draft),
  deleteMapping: (id: string) => remove(`/api/v1/mappings/${part(id)}`),
  cells: (query: { plmn?: string; area?: string; limit?: number; after?: string | null }, signal?: AbortSignal) =>
    get<Page<Cell>>('/api/v1/cells', query, signal),
  coverageTile: (tile: string, query: { metric: string; plmn: string }, signal?: AbortSignal) =>
    get<CoverageCollection>(`/api/v1/coverage/tiles/${tile}`, query, signal),
};

/**
 * Reads every page of a list, up to `most` items.
 * @returns the items, and whether there were more.
 */
export async function readAll<T>(
  readPage: (after: string | null) => Promise<Page<T>>, most: number,
): Promise<{ items: T[]; truncated: boolean }> {
  const items: T[] = [];
  let after: string | null = null;
  do {
    const page: Page<T> = await readPage(after);
    items.push(...page.items);
    // A server that repeats its cursor must not keep us here for ever.
    if (page.next === after && after !== null) break;
    after = page.next;
  } while (after !== null && items.length < most);
  return { items: items.slice(0, most), truncated: after !== null || items.length > most };
}
