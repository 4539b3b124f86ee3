import type { ComponentChildren } from 'preact'

/** A table that scrolls inside its panel on a narrow screen, also for those who have no mouse. */
export function Table({ caption, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="table" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="hidden-visually">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const { title, isNumber = false } = typeof column === 'string' ? { title: column } : column
              return (
                <th key={title} scope="col" class={isNumber ? 'number' : ''}>
                  {title}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

interface TableProps {
  /** Says what it is; not seen. */
  caption: string
  columns: readonly (string | { title: string; isNumber: true })[]
  children: ComponentChildren
}
