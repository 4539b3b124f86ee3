import type { PlainTarget, Source, Target, TargetCollection } from '../../ports/store.js'
import type { Collection } from '../collection.js'
import type { StoreBreaker } from './store-breaker.js'

/**
 * The stores of a collection as the application's traffic meets them: behind breakers. The control plane works on the
 * stores as they are, for its probes are what tells whether they are well.
 */
export function guardedCollection(collection: Collection, breakers: Breakers): Collection {
  const { source, target } = collection
  return {
    ...collection,
    breakers,
    source: { ...source, partitions: source.partitions.map((one) => guardedSource(one, breakers.source)) },
    target: guardedTargets(target, breakers.target),
  }
}

export interface Breakers {
  source: StoreBreaker
  target: StoreBreaker
}

/** Whoever performs an operation tells the breaker what came of it (`Collection.breakers`): here it is only refused. */
function refusing(breaker: StoreBreaker) {
  return <Given extends unknown[], T>(call: (...given: Given) => Promise<T>) =>
    (...given: Given): Promise<T> =>
      breaker.closed ? call(...given) : Promise.reject(breaker.refuse())
}

/** What nobody else tells of is counted beside the answer: a promise in between would cost every caller time. */
function behind(breaker: StoreBreaker) {
  const { heard, failed } = breaker
  return <Given extends unknown[], T>(call: (...given: Given) => Promise<T>) =>
    (...given: Given): Promise<T> => {
      if (!breaker.closed) return Promise.reject(breaker.refuse())
      const answer = call(...given)
      answer.then(heard, failed)
      return answer
    }
}

function guardedSource(source: Source, breaker: StoreBreaker): Source {
  const [guard, told] = [behind(breaker), refusing(breaker)]
  return {
    label: source.label,
    prefetch: () => {
      if (breaker.closed) source.prefetch?.()
    },
    get: told(source.get),
    cas: told(source.cas),
    apply: told(source.apply),
    applyMany: guard(source.applyMany),
    page: guard(source.page),
    count: guard(source.count),
    control: guard(source.control),
    updateControl: guard(source.updateControl),
    raise: guard(source.raise),
  }
}

function guardedTargets(target: TargetCollection, breaker: StoreBreaker): TargetCollection {
  const guard = behind(breaker)
  return {
    partitions: target.partitions.map((one) => guardedTarget(one, breaker)),
    page: guard(target.page),
    compare: guard(target.compare),
    count: guard(target.count),
    plain: guardedPlain(target.plain, breaker),
  }
}

function guardedTarget(target: Target, breaker: StoreBreaker): Target {
  const [guard, told] = [behind(breaker), refusing(breaker)]
  return {
    label: target.label,
    get: told(target.get),
    begin: told(target.begin),
    probe: told(target.probe),
    prove: told(target.prove),
    applyMany: guard(target.applyMany),
    settleMany: guard(target.settleMany),
    openIds: guard(target.openIds),
    countOpen: guard(target.countOpen),
    getMany: guard(target.getMany),
    control: guard(target.control),
    raise: guard(target.raise),
    amend: guard(target.amend),
    beat: guard(target.beat),
  }
}

function guardedPlain(plain: PlainTarget, breaker: StoreBreaker): PlainTarget {
  const guard = behind(breaker)
  return {
    get: guard(plain.get),
    page: guard(plain.page),
    write: guard(plain.write),
    purge: guard(plain.purge),
  }
}
