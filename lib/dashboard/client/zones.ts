import { useCallback, useMemo, useState } from 'preact/hooks'
import type { Zones } from '../page/zone.js'

/** The browser's zone, unless somebody chose UTC here before. */
export function useZones(): Zones {
  const [chosen, setChosen] = useState(kept)
  const choose = useCallback((zone: Zones['chosen']) => {
    setChosen(zone)
    keep(zone)
  }, [])
  return useMemo(() => ({ chosen, local, choose }), [chosen, choose])
}

const KEY = 'cutover-zone'
const local = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

/** Storage can be forbidden; then the choice lasts as long as the page. */
function kept(): Zones['chosen'] {
  try {
    return localStorage.getItem(KEY) === 'UTC' ? 'UTC' : 'local'
  } catch {
    return 'local'
  }
}

function keep(zone: Zones['chosen']): void {
  try {
    localStorage.setItem(KEY, zone)
  } catch {
    // lasts as long as the page
  }
}
