import { api } from '../api/client';
import type { DeadLetter } from '../api/types';
import { Select } from '../components/fields';
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
        <form class="search" onSubmit={event => {
          event.preventDefault();
          setQuery({ device: String(new FormData(event.currentTarget).get('device') ?? '').trim() });
        }}>
          <label class="field">
            <span>{t('deadletters.device')}</span>
            <input type="search" name="device" defaultValue={device} spellcheck={false} autocomplete="off" />
          </label>
          <button type="submit">{t('deadletters.filter')}</button>
        </form>
        <Select label={t('deadletters.limit')} value={String(limit)} onChange={value => setQuery({ limit: value })}>
          {limits.map(n => <option key={n} value={String(n)}>{n}</option>)}
        </Select>
      </div>
      {list.error !== undefined && <ErrorNote error={list.error} onRetry={list.reload} />}
      {list.data ? <Letters items={list.data.items} /> : list.error === undefined && <Loading />}
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
              <td><code>{letter.reason}</code></td>
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
