import { CellList } from '../components/cell-list';
import { CoverageMap } from '../components/coverage-map';
import { OperatorSelect } from '../components/fields';
import { t } from '../i18n';
import { info } from '../state/info';
import { query, setQuery } from '../state/router';

export function CoveragePage() {
  const plmn = query.value.get('plmn') ?? info.value?.operators[0]?.plmn ?? '';
  return (
    <div class="page coverage">
      <div class="title-row">
        <h1>{t('coverage.title')}</h1>
        <OperatorSelect withAll={false} value={plmn} onChange={value => setQuery({ plmn: value }, { replace: true })} testId="coverage-operator" />
      </div>
      <section aria-labelledby="coverage-map">
        <h2 id="coverage-map">{t('coverage.map')}</h2>
        <CoverageMap plmn={plmn} />
      </section>
      <CellList />
    </div>
  );
}
