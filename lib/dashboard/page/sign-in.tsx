/** The form for whoever is not signed in: works without JavaScript, and says what it asks for. */
export function SignIn({ fault }: { fault: string | null }) {
  return (
    <main class="sign-in">
      <h1 class="wordmark">cutover</h1>
      <p>Sign in with the token of a viewer, an operator or an admin.</p>
      <Fault word={fault} />
      <form method="post" action="/api/session" class="stack">
        <label>
          Token
          <input type="password" name="token" required autocomplete="current-password" spellcheck={false} />
        </label>
        <label>
          Your name <small>(optional, for the audit trail)</small>
          <input type="text" name="name" maxLength={64} autocomplete="nickname" />
        </label>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
      <p class="quiet">
        The token is exchanged for a session of this browser and is not kept. The API is described at{' '}
        <a href="/docs">/docs</a>.
      </p>
    </main>
  )
}

/** The words that `POST /api/session` sends a form back with. */
function Fault({ word }: { word: string | null }) {
  switch (word) {
    case 'refused':
      return (
        <p class="notice bad" role="alert">
          This token is not known here. Check <code>CUTOVER_ADMIN_TOKEN</code> (or the role’s own variable) of the
          deployment.
        </p>
      )
    case 'name':
      return (
        <p class="notice bad" role="alert">
          This name cannot be used: at most 64 characters, letters, digits, spaces and . _ @ - only.
        </p>
      )
    case 'wait':
      return (
        <p class="notice bad" role="alert">
          Too many attempts with a wrong token. Wait a minute.
        </p>
      )
    default:
      return null
  }
}
