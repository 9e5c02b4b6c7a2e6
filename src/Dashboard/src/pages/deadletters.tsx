import { useState } from 'preact/hooks';
import { api } from '../api/client';
import type { DeadLetter, ReplayReport, ReplayRequest } from '../api/types';
import { Change, DeviceSearch, Select } from '../components/fields';
import { Mappings } from '../components/mappings';
import { Empty, ErrorNote, Loading } from '../components/notes';
import { t, time, count } from '../i18n';
import { unknown } from '../i18n/format';
import { useResource } from '../state/resource';
import { devicePath, query, setQuery } from '../state/router';

const limits = [50, 100, 500];

export function DeadLettersPage() {
  const device = query.value.get('device') ?? '';
  const wanted = Number(query.value.get('limit'));
  const limit = limits.includes(wanted) ? wanted : 100;
  const list = useResource(`deadletters ${JSON.stringify([device, limit])}`, signal => api.deadLetters({ device, limit }, signal), { everyMs: 10_000 });
  return (
    <div class="page">
      <h1>{t('deadletters.title')}</h1>
      <p class="muted">{t('deadletters.intro')}</p>
      <div class="toolbar">
        <DeviceSearch device={device} />
        <Select label={t('deadletters.limit')} value={String(limit)} onChange={value => setQuery({ limit: value })}>
          {limits.map(n => <option key={n} value={String(n)}>{n}</option>)}
        </Select>
      </div>
      {list.data && list.data.items.length > 0 && <Replay device={device} letters={list.data.items} onDone={list.reload} />}
      <Mappings />
      {list.error !== undefined && <ErrorNote error={list.error} onRetry={list.reload} />}
      {list.data ? <Letters items={list.data.items} /> : list.error === undefined && <Loading />}
    </div>
  );
}

/** Puts messages right and takes them in again: first a trial, then the real thing with the same changes. */
function Replay({ device, letters, onDone }: { device: string; letters: DeadLetter[]; onDone: () => void }) {
  const [tried, setTried] = useState<{ request: ReplayRequest; report: ReplayReport } | null>(null);
  const [error, setError] = useState<unknown>(undefined);
  const [isBusy, setBusy] = useState(false);
  const reasons = [...new Set(letters.filter(l => l.replayed === null).map(l => l.reason))].sort();
  const run = async (request: ReplayRequest) => {
    setBusy(true);
    setError(undefined);
    try {
      const report = await api.replay(request);
      setTried({ request, report });
      if (!request.dryRun) onDone();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <details class="card replay" data-testid="replay">
      <summary>{t('replay.title')}</summary>
      <p class="muted">{t('replay.intro')}</p>
      <form onInput={() => setTried(null)} onSubmit={event => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const text = (name: string) => String(form.get(name) ?? '').trim();
        void run({
          ...(device && { device }), ...(text('reason') && { reason: text('reason') }),
          ...(text('replace') && { topic: { replace: text('replace'), with: text('with') } }),
          ...(text('old') && { rename: { [text('old')]: text('new') } }), dryRun: true,
        });
      }}>
        <label class="field"><span>{t('deadletters.reason')}</span>
          <select name="reason"><option value="">{t('devices.all')}</option>{reasons.map(r => <option key={r} value={r}>{r}</option>)}</select>
        </label>
        <Change legend={t('replay.topic')} from="replace" to="with" examples={['/xx/', '/sg/']} />
        <Change legend={t('replay.field')} from="old" to="new" examples={['PM2_5', 'pm25']} />
        <div class="buttons">
          <button type="submit" disabled={isBusy}>{t('replay.try')}</button>
          {tried?.report.dryRun && tried.report.replayed > 0 && (
            <button type="button" class="primary" disabled={isBusy} onClick={() => void run({ ...tried.request, dryRun: false })}>{t('replay.run', { count: count(tried.report.replayed) })}</button>
          )}
        </div>
      </form>
      {error !== undefined && <ErrorNote error={error} />}
      {tried && <Report report={tried.report} />}
    </details>
  );
}

const shownRefusals = 5;

function Report({ report }: { report: ReplayReport }) {
  return (
    <div class="report" role="status" data-testid="replay-report">
      <p><strong>{t(report.dryRun ? 'replay.would' : 'replay.did', { replayed: count(report.replayed), matched: count(report.matched) })}</strong></p>
      {report.refused.length > 0 && (
        <ul>{report.refused.slice(0, shownRefusals).map(r => <li key={r.position}><code>{r.topic}</code>: <code>{r.reason}</code> {r.detail}</li>)}
          {report.refused.length > shownRefusals && <li>{t('replay.more', { count: count(report.refused.length - shownRefusals) })}</li>}</ul>
      )}
    </div>
  );
}

function Letters({ items }: { items: DeadLetter[] }) {
  if (items.length === 0) return <Empty />;
  return (
    <div class="scroll">
      <table class="list letters" data-testid="dead-letters">
        <thead>
          <tr>
            <th scope="col">{t('deadletters.time')} <small>({t('app.timezone')})</small></th>
            <th scope="col">{t('deadletters.device')}</th>
            <th scope="col">{t('deadletters.reason')}</th>
            <th scope="col">{t('deadletters.detail')}</th>
            <th scope="col">{t('deadletters.topic')}</th>
            <th scope="col">{t('deadletters.payload')}</th>
            <th scope="col" class="number">{t('deadletters.position')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((letter, index) => (
            <tr key={`${letter.position}/${index}`}>
              <td class="time">{time(letter.time)}</td>
              <td>{letter.device ? <a href={devicePath(letter.device)}>{letter.device}</a> : unknown}</td>
              <td><code>{letter.reason}</code>{letter.replayed && <small class="replayed">✓ {t('deadletters.replayed', { time: time(letter.replayed) })}</small>}</td>
              <td class="wrap">{letter.detail ?? unknown}</td>
              <td class="wrap"><code>{letter.topic}</code></td>
              <td><Payload text={letter.payload} /></td>
              <td class="number">{count(letter.position)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const previewLength = 40;

function Payload({ text }: { text: string | null }) {
  if (text === null) return <>{unknown}</>;
  if (text.length <= previewLength) return <code>{text}</code>;
  return <details class="payload"><summary><code>{text.slice(0, previewLength)}…</code></summary><pre>{text}</pre></details>;
}
