// Everything that needs MapLibre, so that it is one chunk, read when a page with a map is opened.
export { createBaseMap, type BaseMap } from './base-map';
export { CoverageLayer } from './coverage-layer';
export { DeviceLayer, type ColourBy } from './device-layer';
