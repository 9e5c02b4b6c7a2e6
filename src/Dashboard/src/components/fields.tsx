import { t } from '../i18n';
import { areaName, info, kindName } from '../state/info';
import { setQuery } from '../state/router';

interface SelectProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: preact.ComponentChildren;
  testId?: string;
}

export function Select({ label, value, onChange, children, testId }: SelectProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} data-testid={testId} onChange={event => onChange(event.currentTarget.value)}>{children}</select>
    </label>
  );
}

/** Narrows a page to one device, in the query of its address. */
export function DeviceSearch({ device }: { device: string }) {
  return (
    <form class="search" onSubmit={event => {
      event.preventDefault();
      setQuery({ device: String(new FormData(event.currentTarget).get('device') ?? '').trim() });
    }}>
      <label class="field">
        <span>{t('deadletters.device')}</span>
        {/* A new key is a new element, so that a device chosen elsewhere on the page is shown here. */}
        <input type="search" name="device" defaultValue={device} key={device} spellcheck={false} autocomplete="off" />
      </label>
      <button type="submit">{t('deadletters.filter')}</button>
    </form>
  );
}

type Choice = Omit<SelectProps, 'label' | 'children'>;

/** The whole country, a region, or a unit within its region. */
export function AreaSelect(props: Choice) {
  const system = info.value;
  return (
    <Select label={t('devices.area')} {...props}>
      <option value="">{t('area.nation')}</option>
      {system?.regions.map(region => (
        <optgroup key={region.code} label={areaName(region.code)}>
          <option value={region.code}>{areaName(region.code)} ({t('devices.all').toLowerCase()})</option>
          {system.units.filter(unit => unit.region === region.code).map(unit => (
            <option key={unit.code} value={unit.code}>{unit.name}</option>
          ))}
        </optgroup>
      ))}
    </Select>
  );
}

export function KindSelect(props: Choice) {
  return (
    <Select label={t('devices.kind')} {...props}>
      <option value="">{t('devices.all')}</option>
      {info.value?.kinds.map(kind => <option key={kind.code} value={kind.code}>{kindName(kind.code)}</option>)}
    </Select>
  );
}

export function OperatorSelect({ withAll, ...props }: Choice & { withAll: boolean }) {
  return (
    <Select label={t('coverage.operator')} {...props}>
      {withAll && <option value="">{t('devices.all')}</option>}
      {info.value?.operators.map(o => <option key={o.plmn} value={o.plmn}>{o.name} ({o.plmn})</option>)}
    </Select>
  );
}

/** An old and a new text. */
export function Change({ legend, from, to, examples: [before, after] }: { legend: string; from: string; to: string; examples: [string, string] }) {
  return (
    <fieldset class="field change">
      <legend>{legend}</legend>
      <input name={from} placeholder={before} aria-label={`${legend}: ${t('replay.from')}`} spellcheck={false} autocomplete="off" /> → <input name={to} placeholder={after} aria-label={`${legend}: ${t('replay.to')}`} spellcheck={false} autocomplete="off" />
    </fieldset>
  );
}
