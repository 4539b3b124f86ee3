import { Component, type ComponentChildren } from 'preact'
import type { DashboardState } from '../state.js'

/**
 * Around each part: one that cannot be drawn (the page is open for a week, and a deployment may change what it is told)
 * says so, and the others live on. It is tried again with every state. Seconds that tick by draw nothing anew in here,
 * but for what asks for the time itself.
 */
export class Guard extends Component<GuardProps, { failed: boolean }> {
  override state = { failed: false }

  static override getDerivedStateFromError() {
    return { failed: true }
  }

  override shouldComponentUpdate(next: GuardProps, nextState: { failed: boolean }): boolean {
    return next.state !== this.props.state || nextState.failed !== this.state.failed
  }

  override componentDidUpdate(before: GuardProps): void {
    if (this.state.failed && before.state !== this.props.state) this.setState({ failed: false })
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <section class="panel bad" role="alert">
        <h2>{this.props.part}</h2>
        <p>
          This part could not be drawn; the others are as they should be. <a href="/">Reload the page</a>
        </p>
      </section>
    )
  }
}

interface GuardProps {
  /** What it is about, for whoever does not see it. */
  part: string
  state: DashboardState
  children: ComponentChildren
}
