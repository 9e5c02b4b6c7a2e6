import { statusName } from '../state/info';

/** Online or silent: by colour, by shape and by word. */
export function Status({ status }: { status: string }) {
  return (
    <span class={`device-status ${status}`}>
      <span class="dot" aria-hidden="true" />{statusName(status)}
    </span>
  );
}
