import { afterEach, expect, it, vi } from 'vitest';
import { api, ApiError, readAll } from '../../src/api/client';

const answer = (body: string, init: ResponseInit): void => {
  vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response(body, init))));
};

const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => { throw new Error('It did not fail.'); }, (error: unknown) => error);

afterEach(() => { vi.unstubAllGlobals(); });

it('takes title and detail from problem details', async () => {
  answer('{"title":"Bad area","detail":"No area xx.","status":400}', { status: 400, headers: { 'content-type': 'application/problem+json' } });
  expect(await failure(api.devices({ area: 'xx' }))).toMatchObject({ status: 400, title: 'Bad area', detail: 'No area xx.' });
});

it('takes the fields of a validation problem for its detail', async () => {
  answer('{"title":"Invalid","errors":{"limit":["At most 1000."]}}', { status: 400, headers: { 'content-type': 'application/problem+json' } });
  expect(await failure(api.devices({}))).toMatchObject({ title: 'Invalid', detail: 'limit: At most 1000.' });
});

it.each([['<html>', 502, 'text/html'], ['{"broken', 500, 'application/json'], ['<html>', 200, 'text/html']])(
  'makes an ApiError of %s with status %i', async (body, status, type) => {
    answer(body, { status, headers: { 'content-type': type } });
    const error = await failure(api.info());
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status });
  });

it('has status 0 when no answer comes', async () => {
  vi.stubGlobal('fetch', vi.fn(() => Promise.reject(new TypeError('refused'))));
  expect(await failure(api.info())).toMatchObject({ status: 0 });
});

it('leaves empty filters out and escapes ids', async () => {
  answer('{"items":[],"next":null}', { status: 200 });
  await api.devices({ area: 'hn', kind: '', limit: 5, after: null });
  await api.device('a/b?c');
  expect(vi.mocked(fetch).mock.calls.map(call => call[0])).toEqual(['/api/v1/devices?area=hn&limit=5', '/api/v1/devices/a%2Fb%3Fc']);
});

it('reads page after page to the end', async () => {
  const pages: Record<string, { items: number[]; next: string | null }> = { '': { items: [1, 2], next: 'x' }, x: { items: [3], next: null } };
  const read = (after: string | null) => Promise.resolve(pages[after ?? ''] ?? { items: [], next: null });
  expect(await readAll(read, 10)).toEqual({ items: [1, 2, 3], truncated: false });
  expect(await readAll(read, 2)).toEqual({ items: [1, 2], truncated: true });
});

it('stops at a cursor that leads nowhere', async () => {
  const read = vi.fn(() => Promise.resolve({ items: [1], next: 'same' }));
  await readAll(read, 1000);
  expect(read).toHaveBeenCalledTimes(2);
});
