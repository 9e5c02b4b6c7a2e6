export type Language = 'vi' | 'en';

const storageKey = 'smartcity.language';

/** The language chosen before, else the browser's: Vietnamese when it starts with vi, else English. */
export function initialLanguage(stored: string | null, preferred: readonly string[]): Language {
  if (stored === 'vi' || stored === 'en') return stored;
  return preferred[0]?.toLowerCase().startsWith('vi') ? 'vi' : 'en';
}

/** Storage may be forbidden (private windows, policies): the choice then lasts until the page is closed. */
export function readStoredLanguage(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

export function storeLanguage(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // See above.
  }
}
