import { mkdirSync } from 'node:fs';
import { inject, test } from 'vitest';
import { launchChromium } from './chromium';
import { MockHost } from '../mock/server';
test('screenshots', async () => {
  const host = await MockHost.start(inject('builtPage'));
  host.startTicking();
  const browser = await launchChromium();
  mkdirSync('/tmp/shots', { recursive: true });
  const only = process.env.SHOTS?.split(',');
  for (const [lang, scheme, width] of [['vi','light',1600],['en','dark',1600],['vi','dark',390],['en','light',390],['en','light',1200]] as const) {
    const context = await browser.newContext({ locale: lang === 'vi' ? 'vi-VN' : 'en-US', colorScheme: scheme, viewport: { width, height: width < 500 ? 844 : 950 } });
    const page = await context.newPage();
    page.on('console', m => { if (m.type() === 'error' || m.type() === 'warning') console.log(lang, scheme, page.url(), m.text().slice(0, 300)); });
    page.on('pageerror', e => console.log('PAGEERROR', e.message));
    for (const [name, path] of [['overview','/'],['map','/map'],['devices','/devices'],['device','/devices/air-hn-001'],['coverage','/coverage'],['deadletters','/deadletters']] as const) {
      if (only && !only.includes(name)) continue;
      await page.goto(host.url + path);
      await page.waitForTimeout(name === 'overview' ? 6000 : 2500);
      if (name === 'device') { for (let i = 0; i < 6; i++) { host.hub.send('Device air-hn-001', 'reading', { device: 'air-hn-001', kind: 'air', timeMs: Date.now(), values: { pm25: 40 + i, temp: 29 } }); await page.waitForTimeout(300); } }
      if (name === 'coverage') { await page.getByTestId('next-tile').click().catch(e => console.log(e.message)); await page.waitForTimeout(300); }
      await page.screenshot({ path: `/tmp/shots/${name}-${lang}-${scheme}-${width}.png`, fullPage: true });
    }
    await context.close();
  }
  await browser.close(); await host.stop();
}, 300000);
