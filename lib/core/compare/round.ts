/** What a validation works at once: the engine follows these bounds, and an estimate reckons with them. */

/**
 * Records of a round: many while the stores agree, few where much is to be read anyway. Each round looks into every
 * document, for ids are spread over all of them; those that the process does not keep are parsed again each time.
 */
export const ROUND_RECORDS_MIN = 4_096
export const ROUND_RECORDS_MAX = 32_768
/**
 * Rounds follow each other in one batch for so long: long against the commit that follows a batch, and short against the
 * time in which others want to be let through.
 */
export const ROUNDS_MS = 250
/** To have a record compared is so much less work, for both stores, than to copy one, which limits are meant for. */
export const LIGHTER = 8

/** What one command may be about: a script must not keep others waiting for more than a few milliseconds. */
export const COMMAND_RECORDS_MAX = 2_048
/** Characters of keys and values. */
export const COMMAND_CHARS_MAX = 1_000_000
