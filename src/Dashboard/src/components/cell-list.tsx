import { useMemo, useState } from 'preact/hooks';
import { api, readAll } from '../api/client';
import type { Cell } from '../api/types';
import { count, t, time, type MessageKey } from '../i18n';
import { areaName, operatorName } from '../state/info';
import { useResource } from '../state/resource';
import { devicePath } from '../state/router';
import { sortCells, type CellColumn, type Order } from '../state/sorting';
import { AreaSelect, OperatorSelect } from './fields';
import { Empty, ErrorNote, Loading } from './notes';
import { Status } from './status';

const mostCells = 5_000;
const pageSize = 500;
const shownAtFirst = 50;
const refreshMs = 15_000;

const columns: Array<{ column: CellColumn; text: MessageKey; isNumber?: boolean }> = [
  { column: 'ncgi', text: 'cells.ncgi' },
  { column: 'plmn', text: 'cells.operator' },
  { column: 'unit', text: 'devices.unit' },
  { column: 'status', text: 'devices.status' },
  { column: 'prbLoadDl', text: 'cells.prbDl', isNumber: true },
  { column: 'prbLoadUl', text: 'cells.prbUl', isNumber: true },
  { column: 'connectedUsers', text: 'cells.users', isNumber: true },
  { column: 'time', text: 'cells.time' },
];

/** Cells with their load; all are read, because an order over a part of them would mislead. */
export function CellList() {
  const [plmn, setPlmn] = useState('');
  const [area, setArea] = useState('');
  const [order, setOrder] = useState<Order>({ column: 'prbLoadDl', descending: true });
  const [shown, setShown] = useState(shownAtFirst);
  const list = useResource(`cells ${JSON.stringify([plmn, area])}`, signal =>
    readAll(after => api.cells({ plmn, area, limit: pageSize, after }, signal), mostCells), { everyMs: refreshMs });
  const sorted = useMemo(() => sortCells(list.data?.items ?? [], order), [list.data, order]);

  return (
    <section class="cells" aria-labelledby="cells">
      <div class="card-head">
        <h2 id="cells">{t('cells.title')} {list.data && <small class="muted">{t('cells.count', { count: count(sorted.length) })}</small>}</h2>
        <OperatorSelect withAll value={plmn} onChange={setPlmn} testId="cells-operator" />
        <AreaSelect value={area} onChange={setArea} testId="cells-area" />
      </div>
      {list.error !== undefined && <ErrorNote error={list.error} onRetry={list.reload} />}
      {list.data?.truncated && <p class="note">{t('cells.truncated', { count: count(mostCells) })}</p>}
      {!list.data ? list.error === undefined && <Loading /> : sorted.length === 0 ? <Empty /> : (
        <div class="scroll">
          <table class="list" data-testid="cell-list">
            <caption class="visually-hidden">{t('cells.title')}</caption>
            <thead>
              <tr>{columns.map(c => <SortHeader key={c.column} {...c} order={order} onOrder={setOrder} />)}</tr>
            </thead>
            <tbody>{sorted.slice(0, shown).map(cell => <CellRow key={cell.ncgi} cell={cell} />)}</tbody>
          </table>
        </div>
      )}
      {sorted.length > shown && (
        <button type="button" onClick={() => setShown(n => n + 200)}>
          {t('cells.showMore', { count: count(Math.min(200, sorted.length - shown)) })}
        </button>
      )}
    </section>
  );
}

interface SortHeaderProps { column: CellColumn; text: MessageKey; isNumber?: boolean; order: Order; onOrder: (order: Order) => void }

function SortHeader({ column, text, isNumber, order, onOrder }: SortHeaderProps) {
  const isCurrent = order.column === column;
  // Figures are mostly looked at from the highest down.
  const next = { column, descending: isCurrent ? !order.descending : isNumber === true };
  return (
    <th scope="col" class={isNumber ? 'number' : undefined} aria-sort={isCurrent ? (order.descending ? 'descending' : 'ascending') : 'none'}>
      <button type="button" class="plain sort" title={t('cells.sort', { column: t(text) })} data-testid={`sort-${column}`} onClick={() => onOrder(next)}>
        {t(text)}<span aria-hidden="true">{isCurrent ? (order.descending ? ' ▼' : ' ▲') : ' ⇅'}</span>
      </button>
    </th>
  );
}

function CellRow({ cell }: { cell: Cell }) {
  return (
    <tr>
      <th scope="row"><a href={devicePath(cell.ncgi)}>{cell.ncgi}</a></th>
      <td>{operatorName(cell.plmn)}</td>
      <td>{areaName(cell.unit)}</td>
      <td><Status status={cell.status} /></td>
      <td class="number"><Load value={cell.prbLoadDl} /></td>
      <td class="number"><Load value={cell.prbLoadUl} /></td>
      <td class="number">{count(cell.connectedUsers)}</td>
      <td class="time">{time(cell.time)}</td>
    </tr>
  );
}

/** A share of the radio resource, whole percent as in TS 28.552, as a figure and a bar. */
function Load({ value }: { value: number | null }) {
  if (value === null) return <>{count(null)}</>;
  const share = Math.max(0, Math.min(100, value));
  return <span class={`load ${value >= 90 ? 'high' : value >= 70 ? 'raised' : ''}`} style={{ '--share': `${share}%` }}>{count(value)}</span>;
}
