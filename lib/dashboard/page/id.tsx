/** An id that is cut where there is no room. What is selected and copied, and read out, is the whole of it. */
export function Id({ of }: { of: string }) {
  return (
    <code class="id" title={of}>
      {of}
    </code>
  )
}
