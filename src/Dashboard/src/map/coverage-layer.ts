import type { ExpressionSpecification, GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';
import type { CoverageCollection } from '../api/types';
import type { BaseMap } from './base-map';
import { rsrpLadder } from './coverage-ladder';

const source = 'coverage';
const fill = 'coverage-fill';
const selection = 'coverage-selection';

const nothing: CoverageCollection = { type: 'FeatureCollection', features: [] };

/** Squares coloured by median SS-RSRP. What has no data is not in the source, hence not painted. */
export class CoverageLayer {
  private readonly map: MapLibreMap;
  private data = nothing;
  private selected = '';

  constructor(base: BaseMap, onSelect: (tile: string | null) => void) {
    this.map = base.map;
    base.onPalette(palette => {
      if (!this.map.getSource(source)) this.add(onSelect);
      this.map.setPaintProperty(selection, 'line-color', palette.vietnamBorder);
    });
  }

  setData(data: CoverageCollection): void {
    this.data = data;
    (this.map.getSource(source) as GeoJSONSource | undefined)?.setData(data);
  }

  select(tile: string | null): void {
    this.selected = tile ?? '';
    if (this.map.getLayer(selection)) this.map.setFilter(selection, this.selectionFilter());
  }

  private add(onSelect: (tile: string | null) => void): void {
    const { map } = this;
    map.addSource(source, { type: 'geojson', data: this.data, tolerance: 0 });
    map.addLayer({
      id: fill, type: 'fill', source,
      paint: { 'fill-color': ladderExpression(), 'fill-opacity': 0.72, 'fill-antialias': false },
    });
    map.addLayer({ id: selection, type: 'line', source, filter: this.selectionFilter(), paint: { 'line-width': 3 } });
    map.on('click', event => {
      const [feature] = map.queryRenderedFeatures(event.point, { layers: [fill] });
      onSelect(feature ? String(feature.properties['tile']) : null);
    });
    map.on('mouseenter', fill, () => { map.getCanvas().style.cursor = 'pointer'; });
    map.on('mouseleave', fill, () => { map.getCanvas().style.cursor = ''; });
  }

  private selectionFilter(): ExpressionSpecification {
    return ['==', ['get', 'tile'], this.selected];
  }
}

function ladderExpression(): ExpressionSpecification {
  const worstFirst = [...rsrpLadder].reverse();
  const stops = worstFirst.flatMap((step, index) => (index === 0 ? [step.colour] : [step.from, step.colour]));
  return ['step', ['get', 'median'], ...stops] as unknown as ExpressionSpecification;
}
