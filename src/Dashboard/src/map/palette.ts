/** The colours of the map: defined with all others in styles/base.css, so that light and dark are decided in one place. */
export interface MapPalette {
  sea: string; land: string; vietnam: string; border: string; vietnamBorder: string;
  online: string; silent: string; outline: string;
}

export function readPalette(): MapPalette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    sea: colour('--map-sea'), land: colour('--map-land'), vietnam: colour('--map-vietnam'),
    border: colour('--map-border'), vietnamBorder: colour('--map-vietnam-border'),
    online: colour('--online'), silent: colour('--silent'), outline: colour('--map-outline'),
  };
}

/** Calls back when the reader changes between light and dark. */
export function onSchemeChange(listener: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

/** One colour per kind, told apart also by people who see few colours as far as eleven allow; the legend and the tip name them. */
const kindColours = [
  '#2f7ed8', '#c2691a', '#7a4fc4', '#0a9396', '#d14a8b', '#b8960c', '#4f9d2f', '#5b6c8f', '#8c564b', '#d62f2f', '#1f9bcf',
];

export function kindColour(index: number): string {
  return kindColours[((index % kindColours.length) + kindColours.length) % kindColours.length] as string;
}
