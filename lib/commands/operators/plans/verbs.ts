import { listPlans } from './list-plans.js'
import { overrulePlan } from './overrule-plan.js'
import { pausePlan } from './pause-plan.js'
import { resumePlan } from './resume-plan.js'
import { showPlan } from './show-plan.js'
import { startPlan } from './start-plan.js'

export const planVerbs = [startPlan, listPlans, showPlan, pausePlan, resumePlan, overrulePlan]
