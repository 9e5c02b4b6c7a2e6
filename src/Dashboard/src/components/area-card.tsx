import type { AreaOverview, KindInfo } from '../api/types';
import { Sparkline } from '../charts/sparkline';
import { count, number, rate, t, unit as unitText } from '../i18n';
import { info, kindName, metricLabel } from '../state/info';
import { historyOf } from '../state/overview';

/** One area on the first page: its rate, its devices, and a value per kind. */
export function AreaCard({ code, name, area }: { code: string; name: string; area: AreaOverview | undefined }) {
  const heading = `area-${code}`;
  const { points, spanSeconds } = historyOf(code);
  return (
    <section class="card area" aria-labelledby={heading} data-testid={heading}>
      <h3 id={heading}>{name}</h3>
      <div class="rate">
        <p>
          <strong data-testid={`rate-${code}`}>{rate(area?.messagesPerSecond)}</strong>
          <span>{t('overview.messagesPerSecond')}</span>
        </p>
        <Sparkline points={points} spanSeconds={spanSeconds} />
      </div>
      <p class="muted small">{t('overview.readingsPerSecond', { value: rate(area?.readingsPerSecond) })}</p>
      <dl class="pair">
        <div>
          <dt><span class="dot online" aria-hidden="true" />{t('overview.online')}</dt>
          <dd data-testid={`online-${code}`}>{count(area?.online)}</dd>
        </div>
        <div>
          <dt><span class="dot silent" aria-hidden="true" />{t('overview.silent')}</dt>
          <dd data-testid={`silent-${code}`}>{count(area?.silent)}</dd>
        </div>
      </dl>
      <table class="kinds">
        <thead>
          <tr>
            <th scope="col">{t('overview.kind')}</th>
            <th scope="col" class="number"><abbr title={t('overview.devices')}>n</abbr></th>
            <th scope="col" class="number">{t('overview.mean')}</th>
          </tr>
        </thead>
        <tbody>{info.value?.kinds.map(kind => <KindRow key={kind.code} kind={kind} area={area} />)}</tbody>
      </table>
    </section>
  );
}

function KindRow({ kind, area }: { kind: KindInfo; area: AreaOverview | undefined }) {
  const values = area?.kinds.find(k => k.kind === kind.code);
  const main = values?.metrics.find(m => m.metric === kind.mainMetric);
  const unit = kind.metrics.find(m => m.name === kind.mainMetric)?.unit;
  const others = values?.metrics.filter(m => m !== main && m.mean !== null) ?? [];
  const tip = others.map(m =>
    `${metricLabel(kind.code, m.metric)}: ${number(m.mean)} ${unitText(kind.metrics.find(i => i.name === m.metric)?.unit)}`.trim()).join('\n');
  return (
    <tr title={tip || undefined}>
      <th scope="row">{kindName(kind.code)} <small>{metricLabel(kind.code, kind.mainMetric)}</small></th>
      <td class="number muted">{count(values?.devices)}</td>
      <td class="number value">{number(main?.mean)} <small>{unitText(unit)}</small></td>
    </tr>
  );
}
