import type { ComponentType } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { api } from './api/client';
import { ConnectionBanner } from './components/connection';
import { ErrorNote, Loading } from './components/notes';
import { Header } from './components/header';
import { t, type MessageKey } from './i18n';
import { NotFoundPage } from './pages/not-found';
import { OverviewPage } from './pages/overview';
import { info } from './state/info';
import { useResource } from './state/resource';
import { path, route, type Route } from './state/router';

// The first page comes with the application; the others when they are opened.
const lazyPages = {
  map: () => import('./pages/map').then(m => m.MapPage),
  devices: () => import('./pages/devices').then(m => m.DevicesPage),
  device: () => import('./pages/device').then(m => m.DevicePage),
  coverage: () => import('./pages/coverage').then(m => m.CoveragePage),
  system: () => import('./pages/system').then(m => m.SystemPage),
  ledger: () => import('./pages/ledger').then(m => m.LedgerPage),
  deadletters: () => import('./pages/deadletters').then(m => m.DeadLettersPage),
} satisfies Partial<Record<Route['page'], () => Promise<ComponentType>>>;

const titles: Record<Route['page'], MessageKey> = {
  overview: 'nav.overview', map: 'map.page', devices: 'devices.title', device: 'devices.title',
  coverage: 'coverage.title', ledger: 'ledger.page', deadletters: 'deadletters.title', system: 'system.title', notFound: 'notFound.title',
};

export function App() {
  const main = useRef<HTMLElement>(null);
  const system = useResource('info', signal => api.info(signal));
  const current = route.value;
  const currentPath = path.value;

  useLayoutEffect(() => {
    if (system.data) info.value = system.data;
  }, [system.data]);

  // Without a host there is nothing to show; ask again until it is up.
  const { error, reload } = system;
  useEffect(() => {
    if (error === undefined || info.value) return undefined;
    const timer = setTimeout(reload, 5_000);
    return () => clearTimeout(timer);
  }, [error, reload]);

  const subject = current.page === 'device' ? current.id : t(titles[current.page]);
  useEffect(() => { document.title = `${subject} · SmartCity`; }, [subject]);

  // A new page is announced: the focus goes to its start, except on the first one.
  const shownPath = useRef(currentPath);
  useEffect(() => {
    if (shownPath.current === currentPath) return;
    shownPath.current = currentPath;
    main.current?.focus({ preventScroll: true });
  }, [currentPath]);

  return (
    <>
      <a class="skip" href="#main">{t('app.skip')}</a>
      <Header />
      <ConnectionBanner />
      <main id="main" ref={main} tabIndex={-1}>
        {info.value ? <CurrentPage route={current} />
          : error !== undefined ? <ErrorNote error={error} onRetry={reload} /> : <Loading />}
      </main>
    </>
  );
}

function CurrentPage({ route: current }: { route: Route }) {
  switch (current.page) {
    case 'overview': return <OverviewPage />;
    case 'notFound': return <NotFoundPage path={current.path} />;
    default: return <LazyPage key={current.page} name={current.page} />;
  }
}

function LazyPage({ name }: { name: keyof typeof lazyPages }) {
  const [loaded, setLoaded] = useState<{ Page: ComponentType } | { error: unknown } | null>(null);
  useEffect(() => {
    let wanted = true;
    lazyPages[name]().then(
      Page => { if (wanted) setLoaded({ Page }); },
      (error: unknown) => { if (wanted) setLoaded({ error }); });
    return () => { wanted = false; };
  }, [name]);
  if (!loaded) return <Loading />;
  // A chunk that cannot be read is mostly one of a version that has been replaced: the page must be loaded anew.
  if ('error' in loaded) return <ErrorNote error={loaded.error} onRetry={() => location.reload()} />;
  return <loaded.Page />;
}
