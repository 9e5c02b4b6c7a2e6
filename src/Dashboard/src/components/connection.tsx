import { t } from '../i18n';
import { connectionState } from '../live';

const marks = { live: '●', reconnecting: '◐', offline: '○' } as const;

/** The state of the live connection, always in the header. */
export function ConnectionBadge() {
  const state = connectionState.value;
  return (
    <span class={`badge connection ${state}`} role="status" data-testid="connection-state" data-state={state}>
      <span aria-hidden="true">{marks[state]}</span> {t(`connection.${state}`)}
    </span>
  );
}

/** Says that the figures are old while the connection is down. */
export function ConnectionBanner() {
  const state = connectionState.value;
  if (state === 'live') return null;
  return <div class={`banner ${state}`}>{t(`connection.banner.${state}`)}</div>;
}
