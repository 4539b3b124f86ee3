/** Tells those who listen to the page what has happened behind it, politely; also when no dialog is open. */
export function announce(words: string): void {
  let region = document.getElementById(REGION)
  if (region === null) {
    region = document.createElement('div')
    region.id = REGION
    region.className = 'hidden-visually'
    region.setAttribute('role', 'status')
    document.body.append(region)
  }
  region.textContent = words
}

const REGION = 'announcements'
