import { api } from '../api/client';
import type { LedgerPart } from '../api/types';
import { DeviceSearch, Select } from '../components/fields';
import { LedgerStrip } from '../components/ledger-strip';
import { Empty, ErrorNote, Loading } from '../components/notes';
import { count, t, time } from '../i18n';
import { now } from '../state/clock';
import { useResource } from '../state/resource';
import { devicePath, query, setQuery } from '../state/router';

const hourMs = 3_600_000;
const ranges = [24, 48, 168, 744];

/** Where readings are, by hour and by device; an hour narrows the devices, a device the hours. */
export function LedgerPage() {
  const device = query.value.get('device') ?? '';
  const hour = query.value.get('hour') ?? '';
  const wanted = Number(query.value.get('hours'));
  const hours = ranges.includes(wanted) ? wanted : 24;
  // To the hour, so that the request stays the same for that long.
  const from = new Date(Math.floor(now.value / hourMs + 1 - hours) * hourMs).toISOString();
  const whole = device === '' ? { from } : { from, device };
  const chosen = hour === '' ? whole : { ...whole, from: hour, to: new Date(Date.parse(hour) + hourMs).toISOString() };
  return (
    <div class="page">
      <h1>{t('ledger.page')}</h1>
      <p class="muted">{t('ledger.intro')}</p>
      <div class="toolbar">
        <DeviceSearch device={device} />
        <Select label={t('device.range')} value={String(hours)} onChange={value => setQuery({ hours: value, hour: '' })}>
          {ranges.map(n => <option key={n} value={String(n)}>{t(`ledger.range.${n as 24 | 48 | 168 | 744}`)}</option>)}
        </Select>
        {(device !== '' || hour !== '') && <button type="button" onClick={() => setQuery({ device: '', hour: '' })}>{t('ledger.all')}</button>}
      </div>
      <LedgerStrip query={chosen} />
      <div class="ledger-parts">
        <Parts kind="hours" query={whole} chosen={hour} />
        <Parts kind="devices" query={chosen} chosen={device} />
      </div>
    </div>
  );
}

function Parts({ kind, query: asked, chosen }: { kind: 'hours' | 'devices'; query: { from: string; to?: string; device?: string }; chosen: string }) {
  const read = kind === 'hours' ? api.ledgerHours : api.ledgerDevices;
  const { data, error, reload } = useResource(`ledger ${kind} ${JSON.stringify(asked)}`, signal => read(asked, signal), { everyMs: 10_000 });
  return (
    <section class="card" aria-labelledby={kind}>
      <h2 id={kind}>{t(`ledger.${kind}`)} {data && data.total > data.items.length && <small class="muted">{t('ledger.some', { shown: count(data.items.length), total: count(data.total) })}</small>}</h2>
      {error !== undefined && <ErrorNote error={error} onRetry={reload} />}
      {data ? <Table kind={kind} items={data.items} chosen={chosen} /> : error === undefined && <Loading />}
    </section>
  );
}

const figures = ['accepted', 'stored', 'duplicate', 'lateCorrected', 'buffered'] as const;

function Table({ kind, items, chosen }: { kind: 'hours' | 'devices'; items: LedgerPart[]; chosen: string }) {
  if (items.length === 0) return <Empty />;
  return (
    <div class="scroll">
      <table class="list" data-testid={`ledger-${kind}`}>
        <thead>
          <tr>
            <th scope="col">{t(kind === 'hours' ? 'ledger.hour' : 'deadletters.device')}</th>
            {figures.map(name => <th key={name} scope="col" class="number">{t(`ledger.${name}`)}</th>)}
            <th scope="col" class="number">{t('ledger.rejected')}</th>
            <th scope="col">{t('ledger.balance')}</th>
          </tr>
        </thead>
        <tbody>{items.map(part => <Row key={part.hour ?? part.device} part={part} isChosen={(part.hour ? Date.parse(part.hour) === Date.parse(chosen) : part.device === chosen)} />)}</tbody>
      </table>
    </div>
  );
}

function Row({ part, isChosen }: { part: LedgerPart; isChosen: boolean }) {
  const rejected = Object.entries(part.rejected).sort((a, b) => b[1] - a[1]);
  const sum = rejected.reduce((total, [, n]) => total + n, 0);
  const isGood = part.balance === 0;
  return (
    <tr class={isChosen ? 'chosen' : undefined}>
      <th scope="row">
        {part.hour !== null
          ? <button type="button" class="plain" aria-pressed={isChosen} onClick={() => setQuery({ hour: isChosen ? '' : part.hour! })}>{time(part.hour, 'dayMinute')}</button>
          : part.device === '' ? t('ledger.noDevice')
            : <><button type="button" class="plain" aria-pressed={isChosen} onClick={() => setQuery({ device: isChosen ? '' : part.device! })}>{part.device}</button> <a href={devicePath(part.device!)} aria-label={t('devices.title')}>↗</a></>}
      </th>
      {figures.map(name => <td key={name} class="number">{count(part[name])}</td>)}
      <td class="number">
        {sum === 0 ? count(0)
          : <a href={`/deadletters${part.device ? `?device=${encodeURIComponent(part.device)}` : ''}`} title={rejected.map(([reason, n]) => `${reason}: ${count(n)}`).join('\n')}>{count(sum)}</a>}
      </td>
      <td class={`balance ${isGood ? 'good' : 'bad'}`}>{isGood ? <><span aria-hidden="true">✓ </span>{t('ledger.balanced')}</> : <><span aria-hidden="true">✕ </span>{t('ledger.unbalanced', { value: count(part.balance) })}</>}</td>
    </tr>
  );
}
