import { useId } from 'preact/hooks';
import { api } from '../api/client';
import type { Ledger } from '../api/types';
import { count, t, time } from '../i18n';
import { useResource } from '../state/resource';
import { ErrorNote } from './notes';

/** The ledger in one line: what came in, where it is, and whether the two agree. */
export function LedgerStrip({ query }: { query?: { from: string; to?: string; device?: string } }) {
  const { data, error, reload } = useResource(`ledger ${JSON.stringify(query)}`, signal => api.ledger(query, signal), { everyMs: 5_000 });
  const title = useId();
  return (
    <section class="strip" aria-labelledby={title} data-testid="ledger">
      <h2 id={title}>{t('ledger.title')}
        {data && <small class="muted">{t('ledger.period', { from: time(data.from, 'dayMinute'), to: time(data.to, 'dayMinute') })}</small>}
      </h2>
      {error !== undefined && !data ? <ErrorNote error={error} onRetry={reload} /> : (
        <dl>
          <Figure name="accepted" value={data?.accepted} />
          <Figure name="stored" value={data?.stored} />
          <Figure name="duplicate" value={data?.duplicate} />
          <Figure name="lateCorrected" value={data?.lateCorrected} />
          <Figure name="buffered" value={data?.buffered} />
          <Rejected ledger={data} />
          <Balance ledger={data} />
        </dl>
      )}
      {query === undefined && <a href="/ledger">{t('ledger.details')}</a>}
      <a href={query?.device ? `/deadletters?device=${encodeURIComponent(query.device)}` : '/deadletters'}>{t('ledger.deadletters')}</a>
    </section>
  );
}

function Figure({ name, value }: { name: 'accepted' | 'stored' | 'duplicate' | 'lateCorrected' | 'buffered'; value: number | undefined }) {
  return <div><dt>{t(`ledger.${name}`)}</dt><dd data-testid={`ledger-${name}`}>{count(value)}</dd></div>;
}

function Rejected({ ledger }: { ledger: Ledger | undefined }) {
  const tip = useId();
  const reasons = Object.entries(ledger?.rejected ?? {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
  const sum = ledger ? reasons.reduce((total, [, n]) => total + n, 0) : undefined;
  return (
    <div class="rejected">
      <dt>{t('ledger.rejected')}</dt>
      <dd>
        <button type="button" class="plain" aria-describedby={tip} data-testid="ledger-rejected">{count(sum)}</button>
        <div class="tip" role="tooltip" id={tip}>
          {reasons.length === 0 ? t('ledger.rejectedNone') : (
            <table>
              <tbody>{reasons.map(([reason, n]) => <tr key={reason}><th scope="row">{reason}</th><td class="number">{count(n)}</td></tr>)}</tbody>
            </table>
          )}
        </div>
      </dd>
    </div>
  );
}

function Balance({ ledger }: { ledger: Ledger | undefined }) {
  const balanced = ledger ? ledger.balance === 0 : undefined;
  const state = balanced === undefined ? 'unknown' : balanced ? 'good' : 'bad';
  return (
    <div>
      <dt>{t('ledger.balance')}</dt>
      <dd class={`balance ${state}`} data-testid="ledger-balance" data-state={state}>
        {ledger === undefined ? count(undefined) : balanced
          ? <><span aria-hidden="true">✓ </span>{t('ledger.balanced')}</>
          : <><span aria-hidden="true">✕ </span>{t('ledger.unbalanced', { value: count(ledger.balance) })}</>}
      </dd>
    </div>
  );
}
