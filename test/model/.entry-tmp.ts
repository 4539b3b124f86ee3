import { hunt, tell } from './search.js'

const r = await hunt(process.argv[2])
console.log(
  r === null
    ? 'SURVIVED'
    : 'CAUGHT ' +
        r.chain +
        ' | ' +
        r.fault?.text +
        ' | steps ' +
        r.fault?.steps.length +
        ' | ' +
        r.states +
        (process.env.TELL ? tell(r) : ''),
)
