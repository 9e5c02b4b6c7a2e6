import { useState } from 'preact/hooks';
import { api, ApiError } from '../api/client';
import type { Device } from '../api/types';
import { AreaSelect, KindSelect, Select } from '../components/fields';
import { Empty, ErrorNote, Loading } from '../components/notes';
import { Status } from '../components/status';
import { count, t, time } from '../i18n';
import { areaName, kindName } from '../state/info';
import { useResource } from '../state/resource';
import { devicePath, navigate, query, setQuery } from '../state/router';

const pageSizes = [25, 50, 100, 200];
const refreshMs = 15_000;

export function DevicesPage() {
  const parameters = query.value;
  const filter = {
    area: parameters.get('area') ?? '', kind: parameters.get('kind') ?? '', status: parameters.get('status') ?? '',
  };
  const wanted = Number(parameters.get('limit'));
  const limit = pageSizes.includes(wanted) ? wanted : 50;
  const after = parameters.get('after') ?? '';
  const page = Math.max(1, Math.floor(Number(parameters.get('page')) || 1));
  const key = `devices ${JSON.stringify([filter, limit, after])}`;
  const list = useResource(key, signal => api.devices({ ...filter, limit, after }, signal), { everyMs: refreshMs });

  // Another question starts at its first page.
  const change = (changes: Record<string, string>): void => setQuery({ ...changes, after: '', page: '' });
  const next = list.data?.next ?? null;

  return (
    <div class="page">
      <h1>{t('devices.title')}</h1>
      <div class="toolbar">
        <AreaSelect value={filter.area} onChange={area => change({ area })} testId="filter-area" />
        <KindSelect value={filter.kind} onChange={kind => change({ kind })} testId="filter-kind" />
        <Select label={t('devices.status')} value={filter.status} onChange={status => change({ status })} testId="filter-status">
          <option value="">{t('devices.all')}</option>
          <option value="online">{t('status.online')}</option>
          <option value="silent">{t('status.silent')}</option>
        </Select>
        <Select label={t('devices.pageSize')} value={String(limit)} onChange={value => change({ limit: value })}>
          {pageSizes.map(size => <option key={size} value={String(size)}>{size}</option>)}
        </Select>
        <IdSearch />
      </div>
      {list.error !== undefined && <ErrorNote error={list.error} onRetry={list.reload} />}
      {list.data ? <DeviceTable devices={list.data.items} /> : list.error === undefined && <Loading />}
      <nav class="pager" aria-label={t('devices.page', { page: count(page) })}>
        <button type="button" disabled={page === 1} onClick={() => (history.state?.paged ? history.back() : change({}))}>
          ‹ {t('devices.previous')}
        </button>
        <span>{t('devices.page', { page: count(page) })}</span>
        <button type="button" disabled={next === null} data-testid="next-page"
          onClick={() => {
            setQuery({ after: next ?? '', page: String(page + 1) });
            // Cursors lead forward only: the way back is the browser's history.
            history.replaceState({ paged: true }, '');
          }}>
          {t('devices.next')} ›
        </button>
      </nav>
    </div>
  );
}

function DeviceTable({ devices }: { devices: Device[] }) {
  if (devices.length === 0) return <Empty />;
  return (
    <div class="scroll">
      <table class="list" data-testid="device-list">
        <caption class="visually-hidden">{t('devices.caption')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('devices.id')}</th>
            <th scope="col">{t('devices.kind')}</th>
            <th scope="col">{t('devices.status')}</th>
            <th scope="col">{t('devices.region')}</th>
            <th scope="col">{t('devices.unit')}</th>
            <th scope="col">{t('devices.lastSeen')} <small>({t('app.timezone')})</small></th>
          </tr>
        </thead>
        <tbody>
          {devices.map(device => (
            <tr key={device.id}>
              <th scope="row"><a href={devicePath(device.id)}>{device.id}</a></th>
              <td>{kindName(device.kind)}</td>
              <td><Status status={device.status} /></td>
              <td>{areaName(device.region)}</td>
              <td>{areaName(device.unit)}</td>
              <td class="time">{time(device.lastSeen)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function IdSearch() {
  const [id, setId] = useState('');
  const [failure, setFailure] = useState<{ id: string; error: unknown } | null>(null);

  const open = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wanted = id.trim();
    if (wanted === '') return;
    setFailure(null);
    try {
      await api.device(wanted);
      navigate(devicePath(wanted));
    } catch (error) {
      setFailure({ id: wanted, error });
    }
  };

  const isMissing = failure?.error instanceof ApiError && failure.error.status === 404;
  return (
    <form class="search" role="search" onSubmit={event => void open(event)}>
      <label class="field">
        <span>{t('devices.search')}</span>
        <input type="search" value={id} spellcheck={false} autocomplete="off" data-testid="search-id"
          onInput={event => setId(event.currentTarget.value)} />
      </label>
      <button type="submit">{t('devices.open')}</button>
      {failure && (isMissing
        ? <p class="hint bad" role="alert">{t('devices.notFound', { id: failure.id })}</p>
        : <ErrorNote error={failure.error} />)}
    </form>
  );
}
