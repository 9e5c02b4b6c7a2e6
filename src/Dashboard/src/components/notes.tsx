import { ApiError } from '../api/client';
import { t } from '../i18n';

/** What went wrong, in the words of the API's problem details where there are any. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { title, detail } = describe(error);
  return (
    <div class="note error" role="alert" data-testid="error">
      <span class="mark" aria-hidden="true">!</span>
      <div>
        <strong>{title}</strong>
        {detail && <p>{detail}</p>}
      </div>
      {onRetry && <button type="button" onClick={onRetry}>{t('state.retry')}</button>}
    </div>
  );
}

export function describe(error: unknown): { title: string; detail: string | null } {
  if (error instanceof ApiError) {
    if (error.status === 0) return { title: t('error.network.title'), detail: t('error.network.detail') };
    return { title: error.title ?? t('error.http.title', { status: error.status }), detail: error.detail };
  }
  return { title: t('error.network.title'), detail: error instanceof Error ? error.message : String(error) };
}

export function Loading() {
  return <p class="note loading" role="status">{t('state.loading')}</p>;
}

export function Empty({ text }: { text?: string }) {
  return <p class="note empty">{text ?? t('state.empty')}</p>;
}
