import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { connectionEpoch } from '../live';

export interface Resource<T> {
  /** The last good answer to the present question; undefined before the first. */
  data: T | undefined;
  /** Why the last try failed; undefined after a good one. Data of an earlier try stays beside it. */
  error: unknown;
  loading: boolean;
  reload: () => void;
}

interface State<T> { key: string; data: T | undefined; error: unknown; loading: boolean }

/**
 * Reads something from the API: when the key changes, after a reconnect, and (if asked) at an interval while the page is looked at.
 * An answer to an earlier question is never shown.
 */
export function useResource<T>(
  key: string, read: (signal: AbortSignal) => Promise<T>, options: { everyMs?: number; enabled?: boolean } = {},
): Resource<T> {
  const { everyMs, enabled = true } = options;
  const [state, setState] = useState<State<T>>({ key, data: undefined, error: undefined, loading: true });
  const [round, setRound] = useState(0);
  const reader = useRef(read);
  reader.current = read;
  const epoch = connectionEpoch.value;

  useEffect(() => {
    if (!enabled) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async (): Promise<void> => {
      setState(s => (s.key === key ? { ...s, loading: true } : { key, data: undefined, error: undefined, loading: true }));
      try {
        const data = await reader.current(abort.signal);
        if (!abort.signal.aborted) setState({ key, data, error: undefined, loading: false });
      } catch (error) {
        if (!abort.signal.aborted) setState(s => ({ key, data: s.key === key ? s.data : undefined, error, loading: false }));
      }
      if (everyMs !== undefined && !abort.signal.aborted) timer = setTimeout(tick, everyMs);
    };
    const tick = (): void => {
      if (document.visibilityState === 'visible') void run();
      else document.addEventListener('visibilitychange', tick, { once: true, signal: abort.signal });
    };
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key, enabled, everyMs, epoch, round]);

  const reload = useCallback(() => setRound(n => n + 1), []);
  if (state.key !== key) return { data: undefined, error: undefined, loading: true, reload };
  return { data: state.data, error: state.error, loading: state.loading, reload };
}
