import { api } from '../api/client';
import type { GrainType, Grains } from '../api/types';
import { Empty, ErrorNote, Loading } from '../components/notes';
import { count, number, percent, t, type MessageKey } from '../i18n';
import { unknown } from '../i18n/format';
import { useResource } from '../state/resource';

export function SystemPage() {
  const grains = useResource('grains', signal => api.grains(signal), { everyMs: 5_000 });
  return (
    <div class="page">
      <h1>{t('system.title')}</h1>
      <p class="muted">{t('system.intro')}</p>
      {grains.error !== undefined && <ErrorNote error={grains.error} onRetry={grains.reload} />}
      {grains.data ? <Tables grains={grains.data} /> : grains.error === undefined && <Loading />}
    </div>
  );
}

function Tables({ grains }: { grains: Grains }) {
  return (
    <>
      <Table id="grain-types" title="system.types" head={['system.grain', 'system.active', 'system.activated', 'system.places']} rows={grains.types.map(typeRow)} />
      <Table id="grain-shards" title="system.shards" head={['system.shard', 'system.turns', 'system.waiting', 'system.busy']}
        rows={grains.shards?.map(s => [s.index, count(s.turns), count(s.waiting), count(s.busyGrains)])} />
      <Table id="grain-methods" title="system.methods" head={['system.method', 'system.timed', 'system.suspended', 'system.mean', 'system.max']}
        rows={grains.slowestMethods?.map(m => [m.name, count(m.timed), count(m.suspended), number(m.meanMs), number(m.maxMs)])} />
      <Table id="grain-hot" title="system.hot" head={['system.grain', 'system.share']} rows={grains.hotGrains?.map(g => [g.grain, percent(g.share)])} />
      <Table id="grain-mailboxes" title="system.mailboxes" head={['system.grain', 'system.depth']} rows={grains.mailboxes?.map(m => [m.grain, count(m.depth)])} />
    </>
  );
}

function typeRow(type: GrainType): Array<string | number> {
  return [type.name, count(type.active), type.activated === null ? unknown : count(type.activated), type.places.map(p => `${p.place}: ${count(p.active)}`).join(', ')];
}

/** A table whose first column is text and the others figures; without rows where the host does not measure it. */
function Table({ id, title, head, rows }: { id: string; title: MessageKey; head: MessageKey[]; rows: Array<Array<string | number>> | undefined }) {
  if (rows === undefined) return null;
  return (
    <section>
      <h2>{t(title)}</h2>
      {rows.length === 0 ? <Empty /> : (
        <div class="scroll">
          <table class="list" data-testid={id}>
            <thead><tr>{head.map((h, i) => <th key={h} scope="col" class={i > 0 ? 'number' : undefined}>{t(h)}</th>)}</tr></thead>
            <tbody>
              {rows.map(row => (
                <tr key={row[0]}>{row.map((cell, i) => <td key={i} class={i > 0 ? 'number' : undefined}>{i === 0 ? <code>{cell}</code> : cell}</td>)}</tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
