import { CellList } from '../components/cell-list';
import { CoverageMap } from '../components/coverage-map';
import { AreaSelect, OperatorSelect } from '../components/fields';
import { t } from '../i18n';
import { info } from '../state/info';
import { query, setQuery } from '../state/router';

export function CoveragePage() {
  const plmn = query.value.get('plmn') ?? info.value?.operators[0]?.plmn ?? '';
  const area = query.value.get('area') ?? '';
  return (
    <div class="page coverage">
      <div class="title-row">
        <h1>{t('coverage.title')}</h1>
        <div class="toolbar">
          <OperatorSelect withAll={false} value={plmn} onChange={value => setQuery({ plmn: value }, { replace: true })} testId="coverage-operator" />
          <AreaSelect value={area} onChange={value => setQuery({ area: value }, { replace: true })} testId="coverage-area" />
        </div>
      </div>
      <section aria-labelledby="coverage-map">
        <h2 id="coverage-map">{t('coverage.map')}</h2>
        <CoverageMap plmn={plmn} area={area} />
      </section>
      <CellList />
    </div>
  );
}
