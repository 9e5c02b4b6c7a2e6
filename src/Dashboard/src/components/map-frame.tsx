import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { info } from '../state/info';
import type { BaseMap } from '../map';
import { Loading } from './notes';

type MapModule = typeof import('../map');

interface MapFrameProps {
  /** Called once the map is there; what it returns is called before the map goes. */
  onReady: (base: BaseMap, module: MapModule) => (() => void);
  children?: preact.ComponentChildren;
}

type State = { base: BaseMap } | { error: unknown } | null;

/** A map with its buttons. MapLibre is loaded only here. */
export function MapFrame({ onReady, children }: MapFrameProps) {
  const canvas = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<State>(null);
  const ready = useRef(onReady);
  ready.current = onReady;

  useEffect(() => {
    let wanted = true;
    let end = (): void => undefined;
    import('../map').then(module => {
      if (!wanted || !canvas.current) return;
      const base = module.createBaseMap(canvas.current, info.value?.mapStyleUrl ?? null);
      const finish = ready.current(base, module);
      end = () => {
        finish();
        base.remove();
      };
      setState({ base });
    }).catch((error: unknown) => {
      if (wanted) setState({ error });
    });
    return () => {
      wanted = false;
      end();
    };
  }, []);

  const language = t('map.label');
  useEffect(() => {
    if (state && 'base' in state) state.base.map.getCanvas().setAttribute('aria-label', language);
  }, [state, language]);

  const base = state && 'base' in state ? state.base : null;
  return (
    <div class="map-frame">
      <div class="map-canvas" ref={canvas} data-testid="map" />
      {!state && <Loading />}
      {state && 'error' in state && (
        <div class="note error" role="alert"><div><strong>{t('error.webgl.title')}</strong><p>{t('error.webgl.detail')}</p></div></div>
      )}
      {base && (
        <div class="map-buttons">
          <button type="button" aria-label={t('map.zoomIn')} title={t('map.zoomIn')} onClick={() => base.map.zoomIn()}>+</button>
          <button type="button" aria-label={t('map.zoomOut')} title={t('map.zoomOut')} onClick={() => base.map.zoomOut()}>−</button>
          <button type="button" aria-label={t('map.home')} title={t('map.home')} onClick={() => base.home()}>⌂</button>
        </div>
      )}
      {children}
    </div>
  );
}
