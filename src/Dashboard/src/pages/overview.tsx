import { useEffect } from 'preact/hooks';
import { AreaCard } from '../components/area-card';
import { DeviceMap } from '../components/device-map';
import { LedgerStrip } from '../components/ledger-strip';
import { named, t, time } from '../i18n';
import { areaName, info } from '../state/info';
import { overview, watchOverview } from '../state/overview';

export function OverviewPage() {
  useEffect(() => watchOverview(), []);
  const system = info.value;
  if (!system) return null;
  const latest = overview.value;
  return (
    <div class="page overview">
      <h1 class="visually-hidden">{t('overview.title')}</h1>
      <LedgerStrip />
      <section class="areas" aria-labelledby="areas">
        <h2 id="areas">
          {t('overview.cards')}
          <small class="muted" data-testid="overview-time">
            {latest ? t('overview.asOf', { time: time(latest.time, 'time') }) : t('overview.waiting')}
          </small>
        </h2>
        <div class="cards">
          <AreaCard code={system.nation.code} name={named(system.nation)} area={latest?.areas.get(system.nation.code)} />
          {system.regions.map(region => (
            <AreaCard key={region.code} code={region.code} name={areaName(region.code)} area={latest?.areas.get(region.code)} />
          ))}
        </div>
      </section>
      <section class="map-panel" aria-labelledby="overview-map">
        <h2 id="overview-map">{t('overview.map')}</h2>
        <DeviceMap />
      </section>
    </div>
  );
}
