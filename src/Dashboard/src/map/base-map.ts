import 'maplibre-gl/dist/maplibre-gl.css';
import { effect } from '@preact/signals';
import {
  AttributionControl, Map as MapLibreMap, Marker, ScaleControl, setWorkerUrl, type ExpressionSpecification, type StyleSpecification,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import basemapUrl from '../../generated/basemap.json?url';
import { language, t } from '../i18n';
import { info } from '../state/info';
import { onSchemeChange, readPalette, type MapPalette } from './palette';
import { allUnitsZoom, frameBounds, homeBounds, leftUnits, majorUnits, places } from './places';

// The worker is a file of ours: a blob would need a laxer content security policy.
setWorkerUrl(new URL(workerUrl, location.href).href);

export const homePadding = 12;

const maxZoom = 17.5;
const unitZoom = 11;
const regionZoom = 7.5;
const labelOffset = 22; // pixels: clear of a cluster at the place itself

/** A map with its base, names and theme; whoever made it removes it. */
export interface BaseMap {
  map: MapLibreMap;
  home(): void;
  /** Shows an area: a region as a whole, a unit close by. */
  goTo(area: string): void;
  /** Called with the colours once the style has loaded and whenever light and dark change places. */
  onPalette(listener: (palette: MapPalette) => void): void;
  remove(): void;
}

/**
 * Draws a map into an element.
 * @param styleUrl a style to use in place of our own base map; null for our own
 * @throws Error when the browser has no WebGL 2
 */
export function createBaseMap(container: HTMLElement, styleUrl: string | null): BaseMap {
  const map = new MapLibreMap({
    container,
    style: styleUrl ?? ownStyle(readPalette()),
    bounds: homeBounds,
    fitBoundsOptions: { padding: homePadding },
    ...(styleUrl === null ? { maxBounds: frameBounds } : {}),
    maxZoom,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    renderWorldCopies: false,
    attributionControl: false,
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new AttributionControl({ compact: false }), 'bottom-right');
  map.addControl(new ScaleControl({ unit: 'metric', maxWidth: 90 }), 'bottom-left');

  const paletteListeners: Array<(palette: MapPalette) => void> = [];
  let isLoaded = false;
  let isOwn = styleUrl === null;
  map.on('error', () => {
    // A style that cannot be read must not leave the map empty. Later errors are of single tiles.
    if (isLoaded || isOwn || map.isStyleLoaded()) return;
    isOwn = true;
    map.setStyle(ownStyle(readPalette()));
  });
  map.once('load', () => {
    isLoaded = true;
    const palette = readPalette();
    for (const listener of paletteListeners) listener(palette);
  });
  const endScheme = onSchemeChange(() => {
    if (!isLoaded) return;
    const palette = readPalette();
    if (isOwn) repaint(map, palette);
    for (const listener of paletteListeners) listener(palette);
  });
  const endLabels = addLabels(map, styleUrl === null);

  return {
    map,
    home: () => { map.fitBounds(homeBounds, { padding: homePadding }); },
    goTo: area => {
      const unit = info.value?.units.find(u => u.code === area);
      const region = info.value?.regions.find(r => r.code === area);
      if (unit) map.jumpTo({ center: [unit.longitude, unit.latitude], zoom: unitZoom });
      else if (region) map.jumpTo({ center: [region.longitude, region.latitude], zoom: regionZoom });
      else map.fitBounds(homeBounds, { padding: homePadding, animate: false });
    },
    onPalette: listener => {
      paletteListeners.push(listener);
      if (isLoaded) listener(readPalette());
    },
    remove: () => {
      endScheme();
      endLabels();
      map.remove();
    },
  };
}

function ownStyle(palette: MapPalette): StyleSpecification {
  const ofVietnam: ExpressionSpecification = ['==', ['get', 'role'], 'vietnam'];
  return {
    version: 8,
    sources: { land: { type: 'geojson', data: new URL(basemapUrl, location.href).href, attribution: 'Natural Earth', tolerance: 0.2 } },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': palette.sea } },
      { id: 'land', type: 'fill', source: 'land', filter: ['!', ofVietnam], paint: { 'fill-color': palette.land } },
      { id: 'border', type: 'line', source: 'land', filter: ['!', ofVietnam], paint: { 'line-color': palette.border, 'line-width': 0.7 } },
      { id: 'vietnam', type: 'fill', source: 'land', filter: ofVietnam, paint: { 'fill-color': palette.vietnam } },
      {
        id: 'vietnam-border', type: 'line', source: 'land', filter: ofVietnam,
        paint: { 'line-color': palette.vietnamBorder, 'line-width': 1.1 },
      },
    ],
  };
}

function repaint(map: MapLibreMap, palette: MapPalette): void {
  for (const layer of ownStyle(palette).layers) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) {
      // The names come from the style above, so they are those of their layer.
      map.setPaintProperty(layer.id, name as 'fill-color', value as string);
    }
  }
}

/**
 * Names as HTML, which needs no glyph server. The archipelagos are named on every base map; the rest only on our own,
 * since any other has names already.
 */
function addLabels(map: MapLibreMap, withAll: boolean): () => void {
  const texts: Array<() => void> = [];
  for (const place of places) {
    if (!withAll && place.style !== 'archipelago') continue;
    const element = labelElement(place.style);
    texts.push(() => { element.textContent = t(place.text); });
    // Above its islands: on a phone the name of Đà Nẵng lies beside them.
    new Marker({ element, anchor: place.style === 'archipelago' ? 'bottom' : 'center' }).setLngLat([place.longitude, place.latitude]).addTo(map);
  }
  if (withAll) {
    for (const unit of info.value?.units ?? []) {
      const element = labelElement(majorUnits.has(unit.code) ? 'city major' : 'city minor');
      element.textContent = unit.name;
      new Marker(leftUnits.has(unit.code) ? { element, anchor: 'right', offset: [-labelOffset, 0] } : { element, anchor: 'left', offset: [labelOffset, 0] })
        .setLngLat([unit.longitude, unit.latitude]).addTo(map);
    }
  }
  const container = map.getContainer();
  const showByZoom = (): void => { container.classList.toggle('all-units', map.getZoom() >= allUnitsZoom); };
  showByZoom();
  map.on('zoom', showByZoom);
  return effect(() => {
    if (language.value) for (const write of texts) write();
  });
}

function labelElement(style: string): HTMLElement {
  const element = document.createElement('div');
  element.className = `map-label ${style}`;
  return element;
}
