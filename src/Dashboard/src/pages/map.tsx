import { DeviceMap } from '../components/device-map';
import { t } from '../i18n';

export function MapPage() {
  return (
    <div class="page full-map">
      <h1>{t('map.page')}</h1>
      <DeviceMap />
    </div>
  );
}
