import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import * as city from '../mock/city';
import { MockHost } from '../mock/server';
import { launchChromium } from './chromium';

let browser: Browser;
let host: MockHost;
let contexts: BrowserContext[] = [];
/** Errors of any page; a test that expects one empties it. */
let pageErrors: string[] = [];

beforeAll(async () => { browser = await launchChromium(); });
afterAll(() => browser?.close());
beforeEach(async () => {
  pageErrors = [];
  host = await MockHost.start(inject('builtPage'));
});
afterEach(async () => {
  await Promise.all(contexts.map(context => context.close()));
  contexts = [];
  await host.stop();
  expect(pageErrors).toEqual([]);
});

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1400, height: 900 }, ...options });
  contexts.push(context);
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.on('pageerror', error => pageErrors.push(error.message));
  page.on('request', request => {
    if (!request.url().startsWith(host.url) && !/^(data|blob):/.test(request.url())) pageErrors.push(`request to ${request.url()}`);
  });
  page.on('console', message => {
    if (/Content.Security.Policy/i.test(message.text())) pageErrors.push(message.text());
  });
  await page.goto(host.url + path);
  return page;
}

const text = (page: Page, testId: string): Promise<string | null> => page.getByTestId(testId).textContent();

/** Waits until the element has the text; the error names both. */
async function hasText(page: Page, testId: string, expected: string | RegExp): Promise<void> {
  await page.getByTestId(testId).filter({ hasText: expected }).waitFor();
}

const connectionIs = (page: Page, state: string): Promise<void> =>
  page.locator(`[data-testid=connection-state][data-state=${state}]`).waitFor();

it('the first page shows nation and regions as they come over the hub, and unknown before', async () => {
  const page = await open('/');
  await host.hub.watched('Overview');
  expect(await text(page, 'rate-vn')).toBe('–');
  const event = city.overviewAt(0);
  const bac = event.areas[1];
  if (!bac) throw new Error('The city has no region.');
  Object.assign(bac, { messagesPerSecond: 1234.5, online: 17, silent: 3 });
  host.hub.send('Overview', 'overview', event);
  await hasText(page, 'rate-bac', '1,235');
  await hasText(page, 'online-bac', /^17$/);
  await hasText(page, 'silent-bac', /^3$/);
  expect(await page.getByTestId('area-trung').getByRole('row', { name: /5G drive test/ }).locator('.value').textContent()).toBe('– dBm');
  expect(await page.getByRole('heading', { level: 3 }).allTextContents()).toEqual(['Vietnam', 'North', 'Central', 'South']);
});

it('the sparkline grows with each second', async () => {
  const page = await open('/');
  await host.hub.watched('Overview');
  for (let second = 1; second <= 5; second++) host.hub.send('Overview', 'overview', city.overviewAt(second * 1000));
  await page.waitForFunction(() => document.querySelector('.sparkline path')?.getAttribute('d')?.split('L').length === 5);
});

it('the ledger says whether it balances, and why messages were rejected', async () => {
  const page = await open('/');
  await hasText(page, 'ledger-accepted', '48,213,907');
  await hasText(page, 'ledger-balance', 'Balanced');
  await page.getByTestId('ledger-rejected').hover();
  await page.getByRole('tooltip').filter({ hasText: 'out-of-range' }).waitFor();
  host.ledger = { ...host.ledger, balance: -12 };
  await page.locator('[data-testid=ledger-balance][data-state=bad]').waitFor();
  await hasText(page, 'ledger-balance', 'Off by -12');
});

it('the map names both archipelagos as Vietnamese in both languages, and clusters lead to devices', async () => {
  const page = await open('/map');
  await page.getByText('Hoàng Sa Archipelago (Vietnam)').waitFor();
  await page.getByText('Trường Sa Archipelago (Vietnam)').waitFor();
  await page.getByTestId('language-vi').click();
  await page.getByText('Quần đảo Hoàng Sa (Việt Nam)').waitFor();
  await page.getByText('Quần đảo Trường Sa (Việt Nam)').waitFor();
  const cluster = page.getByRole('button', { name: /Cụm \d+ thiết bị/ }).first();
  await cluster.waitFor();
  const before = await page.locator('.map-cluster').count();
  await cluster.press('Enter');
  await page.waitForFunction(n => document.querySelectorAll('.map-cluster').length !== n, before);
});

it.each(['/style.json', '/missing.json'])('a map style of the operator\'s own (%s) keeps devices and archipelagos; one that cannot be read gives way to ours', async style => {
  host.info = { ...host.info, mapStyleUrl: style };
  const page = await open('/map');
  await page.locator('.map-cluster').first().waitFor();
  await page.getByText('Hoàng Sa Archipelago (Vietnam)').waitFor();
  expect(host.requests).toContain(style);
  expect(host.requests.some(url => url.includes('basemap'))).toBe(style === '/missing.json');
});

it('a device on the map opens its page', async () => {
  city.devices.push({
    id: 'lonely', region: 'trung', unit: 'dn', kind: 'air', status: 'online', registered: '2026-01-01T00:00:00Z', lastSeen: new Date().toISOString(),
    latitude: 15.8, longitude: 110.8, clock: 'ok', clockOffsetSeconds: 0,
  });
  try {
    const page = await open('/map');
    await page.locator('.map-cluster').first().waitFor();
    const box = await page.getByTestId('map').boundingBox();
    if (!box) throw new Error('The map has no place on the page.');
    // The home view is fitted to its bounds, with north up: Mercator gives the place of the point between two labels,
    // whose lower edges stand at their places.
    const at = async (label: string): Promise<{ x: number; y: number }> => {
      const b = await page.getByText(label).boundingBox();
      if (!b) throw new Error(`No label ${label}.`);
      return { x: b.x + b.width / 2, y: b.y + b.height };
    };
    const [hoangSa, truongSa] = [await at('Hoàng Sa Archipelago (Vietnam)'), await at('Trường Sa Archipelago (Vietnam)')];
    const mercator = (latitude: number): number => Math.asinh(Math.tan((latitude * Math.PI) / 180));
    const x = hoangSa.x + ((110.8 - 112) / (114 - 112)) * (truongSa.x - hoangSa.x);
    const y = hoangSa.y + ((mercator(15.8) - mercator(16.5)) / (mercator(10) - mercator(16.5))) * (truongSa.y - hoangSa.y);
    await page.mouse.move(x - 3, y);
    await page.mouse.move(x, y);
    await page.locator('.device-tip').filter({ hasText: 'lonely' }).waitFor();
    await page.mouse.click(x, y);
    await page.waitForURL('**/devices/lonely');
  } finally {
    city.devices.pop();
  }
});

it('the device list filters, turns pages and finds an exact id', async () => {
  const page = await open('/devices?limit=25');
  const rows = page.getByTestId('device-list').locator('tbody tr');
  await rows.first().waitFor();
  expect(await rows.count()).toBe(25);
  const first = await rows.first().locator('th').textContent();
  await page.getByTestId('next-page').click();
  await page.getByText('Page 2').waitFor();
  await page.waitForFunction(id => document.querySelector('[data-testid=device-list] tbody th')?.textContent !== id, first);
  await page.getByRole('button', { name: 'Previous page' }).click();
  await page.getByRole('link', { name: first ?? '', exact: true }).waitFor();

  await page.getByTestId('filter-area').selectOption('sg');
  await page.getByTestId('filter-kind').selectOption('noise');
  await page.getByRole('link', { name: 'noise-sg-001' }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=device-list] tbody tr').length === 3);

  await page.getByTestId('search-id').fill('nobody');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('There is no device with the id “nobody”.').waitFor();
  await page.getByTestId('search-id').fill('air-hn-001');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.waitForURL('**/devices/air-hn-001');
});

it('the device page shows readings as they come, the last measured one last', async () => {
  const page = await open('/devices/air-hn-001');
  await hasText(page, 'latest-pm25', '38.0');
  await page.getByTestId('chart').locator('canvas').waitFor();
  await host.hub.watched('Device air-hn-001');
  const timeMs = Date.now();
  const reading = (ms: number, pm25: number): void =>
    host.hub.send('Device air-hn-001', 'reading', { device: 'air-hn-001', kind: 'air', timeMs: ms, values: { pm25, extra: pm25 } });
  reading(timeMs, 77.7);
  await hasText(page, 'latest-pm25', '77.7');
  await page.getByRole('img', { name: /latest 77\.7/ }).waitFor();
  reading(timeMs - 60_000, 11.1);
  reading(timeMs + 1, 78.8);
  await hasText(page, 'latest-pm25', '78.8');
  await hasText(page, 'latest-extra', '78.8');
  await page.getByTestId('metric-select').selectOption('temp');
  await page.getByRole('img', { name: /^Temperature/ }).waitFor();
  await page.getByTestId('range-select').selectOption('3600');
  await page.getByText('Table of values').click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=series-table] tbody tr').length === 30);
});

it('a counter shows what it has grown by, and other metrics do not', async () => {
  const page = await open('/devices/energy-hn-001');
  await page.getByTestId('metric-select').selectOption('energy');
  const text = await page.getByTestId('series-increase').textContent();
  expect(text).toMatch(/^Increase in this time range: [\d.]+ kWh \(resets: 1\)$/);
  await page.getByText('Table of values').click();
  await page.getByRole('columnheader', { name: 'Increase' }).waitFor();
  await page.getByTestId('metric-select').selectOption('voltage');
  await page.getByRole('img', { name: /^Voltage/ }).waitFor();
  expect(await page.getByTestId('series-increase').count()).toBe(0);
});

it('leaving a device ends its watch', async () => {
  const page = await open('/devices/air-hn-001');
  await host.hub.watched('Device air-hn-001');
  await page.getByRole('link', { name: 'Overview' }).click();
  await host.hub.watched('Overview');
  expect(host.hub.calls).toContain('UnwatchDevice air-hn-001');
  expect(host.hub.isWatched('Device air-hn-001')).toBe(false);
});

it('an unknown device shows the title and the detail of the problem', async () => {
  const page = await open('/devices/nobody');
  await hasText(page, 'error', 'Unknown device');
  await hasText(page, 'error', 'No device "nobody" has ever sent a message.');
});

it('the connection comes back by itself, watches again and reads again', async () => {
  const page = await open('/devices/air-hn-001');
  await connectionIs(page, 'live');
  await host.hub.watched('Device air-hn-001');
  const readBefore = host.requests.filter(url => url === '/api/v1/devices/air-hn-001').length;
  host.hub.refusing = true;
  host.hub.drop();
  await connectionIs(page, 'reconnecting');
  await page.getByText('The figures on screen may be out of date.').waitFor();
  await connectionIs(page, 'offline');
  host.hub.refusing = false;
  await connectionIs(page, 'live');
  await host.hub.watched('Device air-hn-001');
  host.hub.send('Device air-hn-001', 'reading', { device: 'air-hn-001', kind: 'air', timeMs: Date.now(), values: { pm25: 55.5 } });
  await hasText(page, 'latest-pm25', '55.5');
  expect(host.requests.filter(url => url === '/api/v1/devices/air-hn-001').length).toBeGreaterThan(readBefore);
});

it('a host that is not up yet is waited for', async () => {
  host.problems.set('/api/v1/info', { status: 503, title: 'Starting', detail: 'The intake log is being replayed.' });
  const page = await open('/');
  await hasText(page, 'error', 'The intake log is being replayed.');
  host.problems.clear();
  await page.getByTestId('ledger').waitFor();
});

it('the coverage page paints only what was measured, per operator, and tells of a tile', async () => {
  const page = await open('/coverage?plmn=452-04&area=dn');
  await hasText(page, 'coverage-count', /Measured tiles in view: [1-9]/);
  await page.getByText('No data = unknown (tile not painted)').waitFor();
  await hasText(page, 'coverage-selected', 'Click a tile');
  const box = await page.getByTestId('map').boundingBox();
  if (!box) throw new Error('The map has no place on the page.');
  // Not every square has data, and the worker paints when it is ready: click about the middle until a square answers.
  let clicks = 0;
  await expect.poll(async () => {
    const offset = (clicks++ % 12) * 9;
    await page.mouse.click(box.x + box.width / 2 + offset, box.y + box.height / 2 + offset / 2);
    return page.getByTestId('coverage-median').count();
  }, { timeout: 20_000, message: 'no click on the map selected a tile' }).toBe(1);
  expect(await text(page, 'coverage-median')).toMatch(/^-\d+\.\d dBm$/);
  expect(await text(page, 'coverage-samples')).toMatch(/^\d+$/);
  await page.getByTestId('coverage-operator').selectOption('452-02');
  await hasText(page, 'coverage-selected', 'Click a tile');
  await page.getByTestId('next-tile').click();
  await hasText(page, 'coverage-selected', 'VinaPhone');
});

it('cells are sorted and filtered, with unknown loads last', async () => {
  const page = await open('/coverage');
  const rows = page.getByTestId('cell-list').locator('tbody tr');
  await rows.first().waitFor();
  const loads = async (): Promise<string[]> => page.getByTestId('cell-list').locator('tbody tr td:nth-child(5)').allTextContents();
  expect((await loads())[0]).toBe('100');
  await page.getByTestId('sort-prbLoadDl').click();
  expect((await loads())[0]).toBe('0');
  await page.getByTestId('cells-operator').selectOption('452-02');
  await page.getByTestId('cells-area').selectOption('hn');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=cell-list] tbody tr').length === 2);
});

it('dead letters are shown as text, whatever they hold', async () => {
  const page = await open('/');
  await page.getByRole('link', { name: 'View dead letters' }).click();
  await page.getByTestId('dead-letters').waitFor();
  await page.locator('details.payload summary').first().click();
  await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
  expect(await page.locator('main img').count()).toBe(0);
});

it('the system page shows what the grain host is doing, and leaves out what it does not measure', async () => {
  const page = await open('/system');
  await page.getByTestId('grain-types').getByText('shard 0: 600, shard 1: 634').waitFor();
  await page.getByTestId('grain-methods').getByText('IAreaGrain.Absorb').waitFor();
  await page.getByTestId('grain-hot').getByText('25%').waitFor();
  expect(await page.getByTestId('grain-mailboxes').locator('td').allTextContents()).toEqual(['DeviceGrain/air-hn-001', '7']);
  host.grains = { ...host.grains, shards: null, mailboxes: null };
  await page.reload();
  await page.getByTestId('grain-types').waitFor();
  expect(await page.getByTestId('grain-shards').count()).toBe(0);
});

it('the language follows the browser, can be changed and is remembered', async () => {
  const page = await open('/devices', { locale: 'vi-VN' });
  await page.getByRole('heading', { name: 'Thiết bị' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('vi');
  await page.getByTestId('language-en').click();
  await page.getByRole('heading', { name: 'Devices' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Devices' }).waitFor();
  expect(await page.title()).toBe('Devices · SmartCity');
});

it.each(['/', '/map', '/devices', '/devices/air-hn-001', '/coverage', '/ledger', '/deadletters', '/system', '/nowhere'])(
  '%s fits a phone, has one main heading and names for all controls', async path => {
    const page = await open(path, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    await page.locator('h1').waitFor({ state: 'attached' });
    await connectionIs(page, 'live');
    expect(await page.locator('h1').count()).toBe(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const nameless = await page.evaluate(() => [...document.querySelectorAll('button, select, input, a[href]')]
      .filter(e => !(e.textContent?.trim() || e.getAttribute('aria-label') || e.closest('label')?.textContent?.trim())).map(e => e.outerHTML));
    expect(nameless).toEqual([]);
  });

it('the ledger page leads from a day to its hour, its device and its dead letters', async () => {
  const page = await open('/ledger');
  const rows = page.getByTestId('ledger-hours').locator('tbody tr');
  await rows.nth(23).waitFor();
  const wrong = rows.filter({ has: page.locator('.balance.bad') });
  expect(await wrong.count()).toBe(1);
  expect(await wrong.locator('.balance').textContent()).toContain('Off by 12');
  await wrong.getByRole('button').click();
  await page.waitForFunction(() => new URL(location.href).searchParams.has('hour'));
  const hour = new URL(page.url()).searchParams.get('hour') ?? '';
  expect(host.requests.filter(url => url.includes('/ledger/devices')).at(-1)).toContain(`from=${encodeURIComponent(hour)}`);
  expect(host.requests.filter(url => url.includes('/ledger/hours')).at(-1)).not.toContain(`from=${encodeURIComponent(hour)}`);

  const devices = page.getByTestId('ledger-devices').locator('tbody tr');
  await devices.first().getByRole('button', { name: 'air-hn-001' }).click();
  await page.waitForFunction(() => new URL(location.href).searchParams.get('device') === 'air-hn-001');
  await devices.first().getByRole('link', { name: '30' }).click();
  await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
  expect(new URL(page.url()).searchParams.get('device')).toBe('air-hn-001');
});

it('dead letters are put right and replayed after a trial', async () => {
  const page = await open('/deadletters');
  await page.getByTestId('replay').locator('summary').click();
  const report = page.getByTestId('replay-report');
  await page.getByLabel('Topic: replace: old').fill('/xx/');
  await page.getByLabel('Topic: replace: new').fill('/sg/');
  await page.getByRole('button', { name: 'Try' }).click();
  await report.filter({ hasText: '8 of 12 messages would be taken' }).waitFor();
  await report.filter({ hasText: 'It is no JSON.' }).waitFor();
  await page.getByRole('button', { name: 'Replay 8 messages' }).click();
  await report.filter({ hasText: '8 of 12 messages were replayed' }).waitFor();
  // Other changes need another trial.
  await page.getByLabel('Topic: replace: new').fill('/hn/');
  expect(await page.getByRole('button', { name: /^Replay \d/ }).count()).toBe(0);
});

it('a mapping is made, shown and deleted, and what is wrong with one is said', async () => {
  const page = await open('/deadletters');
  const card = page.getByTestId('mappings');
  await card.locator('summary').click();
  await card.getByLabel('Topic filter').fill('plant/+/air/+');
  await card.getByRole('button', { name: 'Add mapping' }).click();
  await card.getByText('The mapping changes nothing.').waitFor();
  await card.getByLabel('Read as topic').fill('city/nam/sg/air/{2}');
  await card.getByLabel('Field: rename: old').fill('PM2_5');
  await card.getByLabel('Field: rename: new').fill('pm25');
  await card.getByRole('button', { name: 'Add mapping' }).click();
  const row = card.locator('tbody tr');
  await row.filter({ hasText: 'plant/+/air/+' }).filter({ hasText: 'city/nam/sg/air/{2}' }).filter({ hasText: 'PM2_5 → pm25' }).waitFor();
  expect(await card.getByLabel('Topic filter').inputValue()).toBe('');
  await row.getByRole('button', { name: 'Delete the mapping of plant/+/air/+' }).click();
  await row.waitFor({ state: 'detached' });
});

it('the page works by keyboard: skip link, navigation, focus on the new page', async () => {
  const page = await open('/');
  await page.getByTestId('ledger').waitFor();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to main content');
  await page.getByRole('link', { name: 'Devices' }).press('Enter');
  await page.getByTestId('device-list').waitFor();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
});
