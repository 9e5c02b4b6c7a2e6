import { t } from '../i18n';

export function NotFoundPage({ path }: { path: string }) {
  return (
    <div class="page">
      <h1>{t('notFound.title')}</h1>
      <p>{t('notFound.detail', { path })}</p>
      <p><a href="/">{t('nav.overview')}</a></p>
    </div>
  );
}
