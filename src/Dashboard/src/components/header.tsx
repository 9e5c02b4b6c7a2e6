import { chooseLanguage, language, t, time, type Language, type MessageKey } from '../i18n';
import { now } from '../state/clock';
import { info } from '../state/info';
import { route, type Route } from '../state/router';
import { ConnectionBadge } from './connection';

const links: Array<{ href: string; pages: Array<Route['page']>; label: MessageKey }> = [
  { href: '/', pages: ['overview'], label: 'nav.overview' },
  { href: '/map', pages: ['map'], label: 'nav.map' },
  { href: '/devices', pages: ['devices', 'device'], label: 'nav.devices' },
  { href: '/coverage', pages: ['coverage'], label: 'nav.coverage' },
  { href: '/ledger', pages: ['ledger'], label: 'nav.ledger' },
  { href: '/deadletters', pages: ['deadletters'], label: 'nav.deadletters' },
  { href: '/system', pages: ['system'], label: 'nav.system' },
];

const languages: Array<{ code: Language; name: string }> = [{ code: 'vi', name: 'Tiếng Việt' }, { code: 'en', name: 'English' }];

export function Header() {
  return (
    <header class="top">
      <a class="brand" href="/" title={info.value ? t('app.version', { version: info.value.version }) : undefined}>
        <img src="/icon.svg" alt="" width="26" height="26" /> SmartCity
      </a>
      <nav aria-label={t('nav.label')}>
        {links.map(link => (
          <a key={link.href} href={link.href} aria-current={link.pages.includes(route.value.page) ? 'page' : undefined}>
            {t(link.label)}
          </a>
        ))}
      </nav>
      <div class="status">
        <ConnectionBadge />
        <Clock />
        <div class="languages" role="group" aria-label={t('app.language')}>
          {languages.map(({ code, name }) => (
            <button key={code} type="button" lang={code} title={name} aria-label={name} aria-pressed={language.value === code}
              data-testid={`language-${code}`} onClick={() => chooseLanguage(code)}>
              {code.toUpperCase()}
            </button>
          ))}
        </div>
      </div>
    </header>
  );
}

function Clock() {
  return (
    <span class="clock">
      <time>{time(now.value, 'time')}</time> <small>{t('app.timezone')}</small>
    </span>
  );
}
