import { useState } from 'preact/hooks';
import { api } from '../api/client';
import type { Mapping, MappingDraft } from '../api/types';
import { t, time } from '../i18n';
import { useResource } from '../state/resource';
import { Change } from './fields';
import { ErrorNote } from './notes';

/** Topics and names of fields that are read as others: those in force, and a form for one more. */
export function Mappings() {
  const list = useResource('mappings', signal => api.mappings(signal), { everyMs: 30_000 });
  const [error, setError] = useState<unknown>(undefined);
  const [isBusy, setBusy] = useState(false);
  const change = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
      return true;
    } catch (caught) {
      setError(caught);
      return false;
    } finally {
      setBusy(false);
      list.reload();
    }
  };
  const items = list.data?.items ?? [];
  return (
    <details class="card replay" data-testid="mappings">
      <summary>{t('mappings.title')}{items.length > 0 && ` (${items.length})`}</summary>
      <p class="muted">{t('mappings.intro')}</p>
      {list.error !== undefined && <ErrorNote error={list.error} onRetry={list.reload} />}
      {items.length > 0 && <Rules items={items} isBusy={isBusy} onDelete={id => void change(() => api.deleteMapping(id))} />}
      <form onSubmit={event => {
        event.preventDefault();
        const form = event.currentTarget;
        void change(() => api.addMapping(draftOf(new FormData(form)))).then(done => done && form.reset());
      }}>
        <label class="field"><span>{t('mappings.filter')}</span>
          <input name="filter" required placeholder="plant/+/air/+" spellcheck={false} autocomplete="off" />
        </label>
        <label class="field"><span>{t('mappings.to')}</span>
          <input name="to" placeholder="city/nam/sg/air/{2}" spellcheck={false} autocomplete="off" />
        </label>
        <Change legend={t('replay.field')} from="old" to="new" examples={['PM2_5', 'pm25']} />
        <div class="buttons"><button type="submit" class="primary" disabled={isBusy}>{t('mappings.add')}</button></div>
      </form>
      {error !== undefined && <ErrorNote error={error} />}
    </details>
  );
}

function draftOf(form: FormData): MappingDraft {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  return { filter: text('filter'), ...(text('to') && { to: text('to') }), ...(text('old') && { rename: { [text('old')]: text('new') } }) };
}

function Rules({ items, isBusy, onDelete }: { items: Mapping[]; isBusy: boolean; onDelete: (id: string) => void }) {
  return (
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{t('mappings.filter')}</th>
            <th scope="col">{t('mappings.to')}</th>
            <th scope="col">{t('replay.field')}</th>
            <th scope="col">{t('mappings.since')} <small>({t('app.timezone')})</small></th>
            <th scope="col" />
          </tr>
        </thead>
        <tbody>
          {items.map(rule => (
            <tr key={rule.id}>
              <td class="wrap"><code>{rule.filter}</code></td>
              <td class="wrap">{rule.to === null ? t('mappings.same') : <code>{rule.to}</code>}</td>
              <td class="wrap">{Object.entries(rule.rename ?? {}).map(([before, after]) => <div key={before}><code>{before}</code> → <code>{after}</code></div>)}</td>
              <td class="time">{time(rule.created)}</td>
              <td><button type="button" disabled={isBusy} aria-label={t('mappings.delete', { filter: rule.filter })} onClick={() => onDelete(rule.id)}>✕</button></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
