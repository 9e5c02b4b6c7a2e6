import { computed, signal } from '@preact/signals';

export type Route =
  | { page: 'overview' } | { page: 'map' } | { page: 'devices' } | { page: 'device'; id: string }
  | { page: 'coverage' } | { page: 'ledger' } | { page: 'deadletters' } | { page: 'system' } | { page: 'notFound'; path: string };

/** The page that a path names. */
export function parsePath(path: string): Route {
  const parts = path.split('/').filter(part => part !== '');
  const [first, second] = parts;
  if (first === undefined) return { page: 'overview' };
  if (parts.length === 1 && (first === 'map' || first === 'devices' || first === 'coverage' || first === 'ledger' || first === 'deadletters' || first === 'system')) {
    return { page: first };
  }
  if (parts.length === 2 && first === 'devices' && second !== undefined) {
    try {
      return { page: 'device', id: decodeURIComponent(second) };
    } catch {
      // A percent sign that starts no escape: the path names no device.
    }
  }
  return { page: 'notFound', path };
}

const url = signal(new URL(location.href));

export const route = computed(() => parsePath(url.value.pathname));
export const path = computed(() => url.value.pathname);
export const query = computed(() => url.value.searchParams);

export const devicePath = (id: string): string => `/devices/${encodeURIComponent(id)}`;

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const target = new URL(to, location.href);
  const isNewPage = target.pathname !== location.pathname;
  history[options.replace ? 'replaceState' : 'pushState'](null, '', target);
  url.value = target;
  if (isNewPage) scrollTo(0, 0);
}

/** Changes parts of the query and leaves the rest; an empty value takes its part away. */
export function setQuery(changes: Record<string, string>, options: { replace?: boolean } = {}): void {
  const target = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') target.searchParams.delete(name);
    else target.searchParams.set(name, value);
  }
  navigate(target.href, options);
}

/** Follows links of this application without loading the page anew. */
export function startRouter(): void {
  addEventListener('popstate', () => { url.value = new URL(location.href); });
  document.addEventListener('click', event => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest('a[href]');
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download')) return;
    // A jump inside the page stays the browser's business.
    if (link.origin !== location.origin || link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    navigate(link.href);
  });
}
