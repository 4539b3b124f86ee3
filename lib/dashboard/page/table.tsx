import type { ComponentChildren } from 'preact'

/** A table with a line of headings, and a body of plain rows. */
export function Table({ caption, columns, children }: TableProps) {
  return (
    <Scrolled label={caption}>
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
    </Scrolled>
  )
}

interface TableProps {
  /** Says what it is; not seen. */
  caption: string
  columns: readonly (string | { title: string; isNumber: true })[]
  children: ComponentChildren
}

/** Where a table is wider than a narrow screen, or longer than one would have it: also for those who have no mouse. */
export function Scrolled({ label, isTall = false, children }: ScrolledProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class={isTall ? 'table tall' : 'table'} aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}

interface ScrolledProps {
  label: string
  isTall?: boolean
  children: ComponentChildren
}
