import { Marker, Popup, type ExpressionSpecification, type GeoJSONSource, type Map as MapLibreMap } from 'maplibre-gl';
import { count, t } from '../i18n';
import { info } from '../state/info';
import type { BaseMap } from './base-map';
import type { DeviceCollection } from './device-store';
import { kindColour, type MapPalette } from './palette';

export type ColourBy = 'status' | 'kind';

const source = 'devices';
const points = 'device-points';
const clusterMaxZoom = 13;

export interface DeviceLayerOptions {
  onOpen: (id: string) => void;
  /** What the tip over a device says. */
  describe: (id: string) => Node;
}

/** Devices on a map: clusters as HTML buttons (no glyph server; reachable by keyboard), single devices as circles. */
export class DeviceLayer {
  private readonly clusters = new Map<number, { marker: Marker; signature: string }>();
  private readonly popup = new Popup({ closeButton: false, closeOnClick: false, offset: 10, className: 'device-tip' });
  private readonly map: MapLibreMap;
  private data: DeviceCollection = { type: 'FeatureCollection', features: [] };
  private palette: MapPalette | null = null;
  private colourBy: ColourBy = 'status';
  private isDirty = true;
  private hovered: string | null = null;

  constructor(base: BaseMap, private readonly options: DeviceLayerOptions) {
    this.map = base.map;
    base.onPalette(palette => {
      this.palette = palette;
      if (!this.map.getSource(source)) this.add();
      this.paint();
    });
  }

  setData(data: DeviceCollection): void {
    this.data = data;
    (this.map.getSource(source) as GeoJSONSource | undefined)?.setData(data);
  }

  setColourBy(colourBy: ColourBy): void {
    this.colourBy = colourBy;
    this.paint();
  }

  /** Writes clusters and the tip anew: the language or the values have changed. */
  refresh(): void {
    for (const [id, { marker }] of this.clusters) {
      marker.remove();
      this.clusters.delete(id);
    }
    this.isDirty = true;
    this.map.triggerRepaint();
    this.refreshTip();
  }

  refreshTip(): void {
    if (this.hovered !== null) this.popup.setDOMContent(this.options.describe(this.hovered));
  }

  private add(): void {
    const { map } = this;
    map.addSource(source, {
      type: 'geojson', data: this.data, cluster: true, clusterMaxZoom, clusterRadius: 42,
      clusterProperties: { silent: ['+', ['case', ['==', ['get', 'status'], 'silent'], 1, 0]] },
    });
    map.addLayer({
      id: points, type: 'circle', source, filter: ['!', ['has', 'point_count']],
      paint: { 'circle-radius': ['interpolate', ['linear'], ['zoom'], 5, 3.5, 12, 6, 16, 8] },
    });
    map.on('sourcedata', event => { if (event.sourceId === source) this.isDirty = true; });
    map.on('move', () => { this.isDirty = true; });
    map.on('render', () => {
      if (this.isDirty && map.isSourceLoaded(source)) this.updateClusters();
    });
    map.on('mousemove', points, event => {
      const feature = event.features?.[0];
      if (!feature) return;
      map.getCanvas().style.cursor = 'pointer';
      const id = String(feature.properties['id']);
      if (id === this.hovered) return;
      this.hovered = id;
      this.popup.setLngLat(event.lngLat).setDOMContent(this.options.describe(id)).addTo(map);
    });
    map.on('mouseleave', points, () => {
      map.getCanvas().style.cursor = '';
      this.hovered = null;
      this.popup.remove();
    });
    // A finger is broader than a point: take what lies within a few pixels.
    map.on('click', event => {
      const { x, y } = event.point;
      const [feature] = map.queryRenderedFeatures([[x - 6, y - 6], [x + 6, y + 6]], { layers: [points] });
      if (feature) this.options.onOpen(String(feature.properties['id']));
    });
  }

  private paint(): void {
    const { map, palette } = this;
    if (!palette || !map.getLayer(points)) return;
    const isSilent: ExpressionSpecification = ['==', ['get', 'status'], 'silent'];
    const colour: ExpressionSpecification | string = this.colourBy === 'status'
      ? ['case', isSilent, palette.silent, palette.online]
      : kindExpression(palette.silent);
    map.setPaintProperty(points, 'circle-color', colour);
    // Silent devices are rings, so that colour is not the only sign.
    map.setPaintProperty(points, 'circle-opacity', ['case', isSilent, 0.12, 0.95]);
    map.setPaintProperty(points, 'circle-stroke-width', ['case', isSilent, 2, 1]);
    map.setPaintProperty(points, 'circle-stroke-color', ['case', isSilent, colour, palette.outline]);
  }

  private updateClusters(): void {
    this.isDirty = false;
    const seen = new Set<number>();
    for (const feature of this.map.querySourceFeatures(source, { filter: ['has', 'point_count'] })) {
      const id = Number(feature.properties['cluster_id']);
      if (seen.has(id)) continue; // once per tile that it touches
      seen.add(id);
      const total = Number(feature.properties['point_count']);
      const silent = Number(feature.properties['silent']);
      const position = (feature.geometry as GeoJSON.Point).coordinates as [number, number];
      const signature = `${total}/${silent}/${position.join()}`;
      const shown = this.clusters.get(id);
      if (shown?.signature === signature) continue;
      shown?.marker.remove();
      const element = clusterElement(total, silent);
      element.addEventListener('click', event => {
        event.stopPropagation();
        void this.zoomInto(id, position);
      });
      this.clusters.set(id, { signature, marker: new Marker({ element }).setLngLat(position).addTo(this.map) });
    }
    for (const [id, { marker }] of this.clusters) {
      if (seen.has(id)) continue;
      marker.remove();
      this.clusters.delete(id);
    }
  }

  private async zoomInto(cluster: number, center: [number, number]): Promise<void> {
    let zoom = this.map.getZoom() + 2;
    try {
      zoom = await (this.map.getSource(source) as GeoJSONSource).getClusterExpansionZoom(cluster);
    } catch {
      // The data changed between drawing and pressing: the cluster is no more; two steps closer is as good.
    }
    this.map.easeTo({ center, zoom: Math.min(zoom + 0.3, clusterMaxZoom + 1.5) });
  }
}

function kindExpression(fallback: string): ExpressionSpecification | string {
  const kinds = info.value?.kinds ?? [];
  if (kinds.length === 0) return fallback;
  const pairs = kinds.flatMap((kind, index) => [kind.code, kindColour(index)]);
  return ['match', ['get', 'kind'], ...pairs, fallback] as unknown as ExpressionSpecification;
}

function clusterElement(total: number, silent: number): HTMLElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = 'map-cluster';
  element.setAttribute('aria-label', t('map.cluster', { count: count(total), silent: count(silent) }));
  element.style.setProperty('--silent-share', String(total > 0 ? silent / total : 0));
  element.style.setProperty('--size', `${Math.round(26 + 7 * Math.log10(Math.max(total, 1)))}px`);
  const text = document.createElement('span');
  text.textContent = count(total);
  element.append(text);
  return element;
}
